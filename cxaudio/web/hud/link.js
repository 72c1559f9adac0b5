// The line to the session: let in once by the link's token, then a stream that comes back by itself.

const SILENT_MS = 3500; // the server gives a sign of life each second
const GRACE_MS = 1500; // a stream that comes back at once is no loss worth showing
const AGAIN_MS = 2000;

let source = null;
let heardAt = 0;
let lostTimer = 0;
let nudgeTimer = 0;

async function enter() {
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, "", location.pathname); // it is used up; nobody shall read or keep it
    try {
      await fetch("/hud/session", {
        method: "POST", credentials: "same-origin", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }),
      });
    } catch { /* the stream will tell */ }
  }
  connect();
}

function connect() {
  source?.close();
  source = new EventSource("/hud/stream");
  source.onmessage = (event) => {
    heard();
    view = JSON.parse(event.data);
    watchNudge();
    draw();
  };
  source.addEventListener("beat", heard);
  source.onerror = () => {
    if (view.state === "stopped") return source.close();
    clearTimeout(lostTimer);
    lostTimer = setTimeout(lost, GRACE_MS);
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_MS); // refused: the browser gives up, we do not
  };
}

function heard() {
  heardAt = performance.now();
  clearTimeout(lostTimer);
  if (link === "open") return;
  link = "open";
  draw();
}

// Nobody answers, or somebody who does not know us.
async function lost() {
  let answered = false;
  try {
    answered = (await fetch(location.pathname, { cache: "no-store" })).ok;
  } catch { /* nobody */ }
  if (performance.now() - heardAt < GRACE_MS) return;
  link = answered && source.readyState === EventSource.CLOSED ? "locked" : "offline";
  view = { ...view, nudge: null, wait: null };
  draw();
}

setInterval(() => {
  if (link === "open" && view.state !== "stopped" && performance.now() - heardAt > SILENT_MS) lost();
}, 500);

// The server takes a nudge away; should it fall silent, the page does.
function watchNudge() {
  clearTimeout(nudgeTimer);
  if (!view.nudge) return;
  nudgeTimer = setTimeout(() => {
    view = { ...view, nudge: null };
    draw();
  }, 1000 * view.nudge.left_s + 1000);
}
