// Sends the verdicts that an earlier call page could not send, from whatever page is opened next.

import { storageOf } from "./browser_storage.js";
import { showMessage } from "./messages.js";
import { queuePrefix } from "./review_names.js";
import { ReviewQueue } from "./review_queue.js";
import { sendEntry } from "./review_store.js";
import { counted } from "./words.js";

/** Send what waits in this browser for a store and a reviewer, and say how it went; nothing is shown where nothing waits. */
export async function sendWaiting({ store, reviewer }) {
  const queue = new ReviewQueue({
    storage: storageOf(window),
    prefix: queuePrefix(store, reviewer),
    send: sendEntry,
    later: (run, ms) => window.setTimeout(run, ms),
  });
  const n = queue.entries.length;
  if (!n) return;
  await queue.flush();
  const left = queue.entries.length;
  if (left) showMessage(counted("workbench.verdicts_wait", left), "fault");
  else showMessage(counted("workbench.verdicts_sent", n));
}
