// The connection to the session: opened once with the token of the link, then a stream of views that reconnects by itself.

import { draw } from "./draw.js";
import { post } from "./requests.js";
import { now } from "./state.js";
import { connectionAfterLoss, isOverdue, withoutNudge, withoutTimes } from "./stream.js";

const GRACE_MS = 1500; // a stream that is back within this time is not shown as lost
const RETRY_MS = 2000;
const CHECK_MS = 500;

let source = null;
let lastSign = 0;
let lostTimer = 0;
let nudgeTimer = 0;

/** Exchange the token for a cookie, and connect. */
export async function enter() {
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, "", location.pathname); // a token works once, and must not stay in the address
    try {
      await post("/hud/session", { token });
    } catch { /* the stream fails in turn and shows it */ }
  }
  connect();
}

function connect() {
  source?.close();
  source = new EventSource("/hud/stream");
  source.onmessage = (event) => {
    signOfLife();
    now.view = JSON.parse(event.data);
    watchNudge();
    draw();
  };
  source.addEventListener("beat", signOfLife);
  source.onerror = () => {
    if (now.view.state === "stopped") {
      source.close();
      return;
    }
    clearTimeout(lostTimer);
    lostTimer = setTimeout(lost, GRACE_MS);
    // After a refusal the browser does not try again, so the page does.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  };
}

function signOfLife() {
  lastSign = performance.now();
  clearTimeout(lostTimer);
  if (now.connection === "open") return;
  now.connection = "open";
  draw();
}

/** Find out whether the server is gone, or does not know this page. */
async function lost() {
  let answered = false;
  try {
    answered = (await fetch(location.pathname, { cache: "no-store" })).ok;
  } catch { /* no answer */ }
  if (performance.now() - lastSign < GRACE_MS) return;
  now.connection = connectionAfterLoss(answered, source.readyState === EventSource.CLOSED);
  now.view = withoutTimes(now.view);
  draw();
}

/** Lose the connection when the server falls silent. */
export function watchConnection() {
  setInterval(() => {
    if (isOverdue(now, performance.now() - lastSign)) lost();
  }, CHECK_MS);
}

/** Remove a nudge in time where the server, which removes it otherwise, has fallen silent. */
function watchNudge() {
  clearTimeout(nudgeTimer);
  if (!now.view.nudge) return;
  nudgeTimer = setTimeout(() => {
    now.view = withoutNudge(now.view);
    draw();
  }, 1000 * now.view.nudge.left_s + 1000);
}
