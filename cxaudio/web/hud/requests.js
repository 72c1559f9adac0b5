// What the agent can ask of the session, by button or key. The page shows the result once the session has done it.

import { draw } from "./draw.js";
import { t } from "./facts.js";
import { now } from "./state.js";

const SNOOZE_S = 600;
const FAILURE_MS = 5000; // for how long a failure is shown

let failureTimer = 0;

/** Send JSON to the server. */
export const post = (path, body) =>
  fetch(path, { method: "POST", credentials: "same-origin", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

async function send(request, body = {}) {
  try {
    const answer = await post(`/hud/${request}`, body);
    if (!answer.ok) throw new Error(String(answer.status));
    showFailure("");
  } catch {
    showFailure(t("hud.failed"));
  }
}

/** Show a failure for a while; an empty text takes it away. */
export function showFailure(text) {
  clearTimeout(failureTimer);
  now.failure = text;
  if (text) failureTimer = setTimeout(() => showFailure(""), FAILURE_MS);
  draw();
}

export const requests = {
  pause: () => send(now.view.state === "paused" ? "resume" : "pause"),
  hold: () => send("hold", { on: now.view.state !== "on_hold" }),
  snooze: () => send("snooze", { seconds: now.view.snoozed_min ? 0 : SNOOZE_S }),
  "call/start": () => send("call/start"),
  "call/end": () => send("call/end"),
};
