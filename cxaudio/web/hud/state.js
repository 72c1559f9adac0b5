// What the display shows now.

import { NO_VIEW } from "./display.js";

export const now = {
  view: NO_VIEW,
  connection: "connecting", // or "open", "offline", "locked"
  failure: "", // text of a request that failed
};
