// What the agent may ask for, by button or key: asked of the session, shown once the session has done it.

const SNOOZE_S = 600;
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
let messageTimer = 0;

async function ask(wish, body = {}) {
  try {
    const answer = await fetch(`/hud/${wish}`, {
      method: "POST", credentials: "same-origin", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    tell("");
  } catch {
    tell(t("hud.failed"));
  }
}

function tell(text) {
  clearTimeout(messageTimer);
  message = text;
  if (text) messageTimer = setTimeout(() => tell(""), 5000);
  draw();
}

const wishes = {
  pause: () => ask(view.state === "paused" ? "resume" : "pause"),
  hold: () => ask("hold", { on: view.state !== "on_hold" }),
  snooze: () => ask("snooze", { seconds: view.snoozed_min ? 0 : SNOOZE_S }),
  "call/start": () => ask("call/start"),
  "call/end": () => ask("call/end"),
};

function drawButtons(state) {
  const open = link === "open" && state !== "stopped";
  const paused = state === "paused";
  const pause = find(".pause");
  setShape(pause, paused ? "play" : "paused");
  setText(pause.querySelector("span"), t(paused ? "hud.resume" : "hud.pause"));
  setFlag(pause, "disabled", !open);
  const more = find(".more");
  setShape(more, find("#menu").hidden ? "more" : "offline");
  setMark(more, "aria-label", t(find("#menu").hidden ? "hud.more" : "hud.close"));
  setText(find('[data-wish="hold"]'), t(state === "on_hold" ? "hud.hold_end" : "hud.hold"));
  setText(find('[data-wish="snooze"]'), t(view.snoozed_min ? "hud.snooze_end" : "hud.snooze"));
  setFlag(find('[data-wish="hold"]'), "disabled", !open || !view.in_call || paused);
  setFlag(find('[data-wish="snooze"]'), "disabled", !open);
  setFlag(find('[data-wish="call/start"]'), "disabled", !open || view.in_call || paused);
  setFlag(find('[data-wish="call/end"]'), "disabled", !open || !view.in_call);
}

function showMenu(shown) {
  find("#menu").hidden = !shown;
  setMark(find(".more"), "aria-expanded", shown);
  draw();
  (shown ? find("#menu button:enabled") ?? find("#menu select") : find(".more")).focus();
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.target.closest?.("select")) return;
  const key = event.key.toLowerCase();
  const wish = { p: ".pause", h: '[data-wish="hold"]', n: '[data-wish="snooze"]' }[key];
  if (wish) find(wish).click();
  else if (key === "m") showMenu(find("#menu").hidden);
  else if (key === "escape" && !find("#menu").hidden) showMenu(false);
  else return;
  event.preventDefault();
}
