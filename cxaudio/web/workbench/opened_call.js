// The call that was opened last in this tab, from wherever: the list goes on from there.

import { storageOf } from "./browser_storage.js";

const NAME = "cxaudio-opened";
const storage = storageOf(globalThis, "sessionStorage");

/** Keep which call is open. */
export const rememberOpened = (call) => storage.setItem(NAME, call);

/** Return the call that was opened last; null: none yet. */
export const openedLast = () => storage.getItem(NAME);
