// Draws what is shown now.

import { SIDES, bandOf, enabledButtons, scalePlace, shareText, shownState, sideRow, stateText } from "./display.js";
import { find, hud, setAttribute, setFlag, setShape, setText } from "./elements.js";
import { facts, nudgeText, t } from "./facts.js";
import { now } from "./state.js";

export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

export function draw() {
  const { view, connection, failure } = now;
  const state = shownState(view, connection);
  setAttribute(hud, "data-state", state);
  setAttribute(hud, "data-sound-missing", view.sides.some((side) => !side.heard));
  const sign = find(".sign");
  setShape(sign, state);
  setText(sign.querySelector(".state"), stateText(state, view, t));
  setFlag(find(".recording"), "hidden", !(connection === "open" && view.recording));
  setShape(find(".recording"), "recording");
  drawButtons(state, view, connection);
  const options = { live: connection === "open", still: reducedMotion.matches, steps: facts.level_steps, characters: facts.characters, t };
  SIDES.forEach((side, k) => drawSide(find(`[data-side="${side}"]`), sideRow(side, view.sides[k], options)));
  drawPace(view.pace);
  drawBand(bandOf(state, view, { failure, nudgeText, t }));
}

function drawButtons(state, view, connection) {
  const enabled = enabledButtons(state, view, connection);
  const paused = state === "paused";
  const pause = find(".pause");
  setShape(pause, paused ? "play" : "paused");
  setText(pause.querySelector("span"), t(paused ? "hud.resume" : "hud.pause"));
  setFlag(pause, "disabled", !enabled.pause);
  const more = find(".more");
  const closed = find("#menu").hidden;
  setShape(more, closed ? "more" : "offline");
  setAttribute(more, "aria-label", t(closed ? "hud.more" : "hud.close"));
  setText(find('[data-request="hold"]'), t(state === "on_hold" ? "hud.hold_end" : "hud.hold"));
  setText(find('[data-request="snooze"]'), t(view.snoozed_min ? "hud.snooze_end" : "hud.snooze"));
  setFlag(find('[data-request="hold"]'), "disabled", !enabled.hold);
  setFlag(find('[data-request="snooze"]'), "disabled", !enabled.snooze);
  setFlag(find('[data-request="call/start"]'), "disabled", !enabled.start);
  setFlag(find('[data-request="call/end"]'), "disabled", !enabled.end);
}

function drawSide(node, row) {
  setAttribute(node, "data-speaking", row.speaking);
  setAttribute(node, "data-received", row.received);
  setShape(node, row.shape);
  setText(node.querySelector(".who"), row.who);
  node.querySelector(".bar i").style.transform = `scaleX(${row.bar})`;
  const rate = node.querySelector(".rate");
  setText(rate, row.rate);
  setAttribute(rate, "title", row.title);
}

function drawPace(pace) {
  const box = find(".pace");
  setAttribute(box, "data-pace", pace.word);
  setAttribute(box, "data-minded", pace.minded);
  setShape(box.querySelector(".word"), pace.word);
  setText(box.querySelector(".word span"), t(`hud.pace_${pace.word}`));
  setText(box.querySelector(".share"), shareText(pace, t));
  if (pace.ratio === null) return;
  const [zone, mark] = [box.querySelector(".zone"), box.querySelector(".mark")];
  setAttribute(zone, "x1", scalePlace(facts.zone[0]));
  setAttribute(zone, "x2", scalePlace(facts.zone[1]));
  setAttribute(mark, "x1", scalePlace(pace.ratio));
  setAttribute(mark, "x2", scalePlace(pace.ratio));
}

function drawBand({ kind, message = "", counter = "" }) {
  const band = find(".band");
  setAttribute(band, "data-kind", kind);
  setShape(band, kind);
  setText(band.querySelector(".message"), message);
  setText(band.querySelector(".counter"), counter);
}
