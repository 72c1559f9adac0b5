// A view as the server tells it, drawn. Nothing here decides when: the server holds still what shall stand still.

const SIDES = ["agent", "customer"];
const NOTHING = {
  state: "connecting", in_call: false, recording: false, snoozed_min: 0, troubles: [], wait: null, hold: null, nudge: null,
  sides: SIDES.map(() => ({ level: 0, speaking: false, heard: true, rate: null })),
  pace: { word: "unknown", ratio: null, share: null, tempo: "unknown", minded: false },
};

let view = NOTHING;
let link = "connecting"; // or "open", "offline", "locked"
let message = ""; // of a wish that failed

const shownState = () => (link === "open" || view.state === "stopped" ? view.state : link);

function draw() {
  const state = shownState();
  setMark(hud, "data-state", state);
  setMark(hud, "data-deaf", view.sides.some((side) => !side.heard));
  const sign = find(".sign");
  setShape(sign, state);
  setText(sign.querySelector(".state"), stateText(state));
  setFlag(find(".recording"), "hidden", !(link === "open" && view.recording));
  setShape(find(".recording"), "recording");
  drawButtons(state);
  SIDES.forEach((side, row) => drawSide(find(`[data-side="${side}"]`), side, view.sides[row]));
  drawPace(view.pace);
  drawBand(bandOf(state));
}

function stateText(state) {
  if (state !== "trouble") return t(`hud.${state}`);
  if (view.sides.every((side) => side.heard)) return t("hud.trouble_quality");
  const deaf = SIDES.filter((side, row) => !view.sides[row].heard);
  return t(deaf.length === 1 ? `hud.trouble_${deaf[0]}` : "hud.trouble_both");
}

function drawSide(row, side, now) {
  const live = link === "open";
  const speaking = live && now.speaking;
  setMark(row, "data-speaking", speaking);
  setMark(row, "data-heard", !live || now.heard);
  setShape(row, live && !now.heard ? "deaf" : speaking ? "speaking" : "silent");
  const name = side === "agent" ? (speaking ? "you_speak" : "you") : speaking ? "customer_speaks" : "customer";
  setText(row.querySelector(".who"), live && !now.heard ? `${t(`hud.${name}`)} · ${t("hud.not_heard")}` : t(`hud.${name}`));
  const level = live ? (reducedMotion.matches ? (speaking ? facts.level_steps : 0) : now.level) : 0;
  row.querySelector(".bar i").style.transform = `scaleX(${level / facts.level_steps})`;
  const rate = row.querySelector(".rate");
  const known = now.rate !== null && now.heard;
  const characters = known ? String(10 * Math.round(6 * now.rate)) : "";
  const syllables = known ? now.rate.toFixed(1) : "";
  setText(rate, !now.heard ? "" : !known ? t("hud.rate_unknown") : facts.characters ? t("hud.characters", { n: characters }) : t("hud.rate", { n: syllables }));
  setMark(rate, "title", known ? t("hud.rate_title", { n: syllables }) : "");
}

function drawPace(pace) {
  const box = find(".pace");
  setMark(box, "data-pace", pace.word);
  setMark(box, "data-minded", pace.minded);
  setShape(box.querySelector(".word"), pace.word);
  setText(box.querySelector(".word span"), t(`hud.pace_${pace.word}`));
  const share = pace.share === null ? "" : t("hud.share", { n: Math.round(100 * pace.share) });
  const tempo = ["hurried", "relaxed"].includes(pace.tempo) ? t(`hud.tempo_${pace.tempo}`) : "";
  setText(box.querySelector(".share"), [share, tempo].filter(Boolean).join(" · "));
  if (pace.ratio === null) return;
  // From half to twice, evenly in the logarithm: "in step" lies in the middle.
  const at = (ratio) => Math.min(98, Math.max(2, 100 * (Math.log2(ratio) / 2 + 0.5)));
  const [zone, mark] = [box.querySelector(".zone"), box.querySelector(".mark")];
  setMark(zone, "x1", at(facts.zone[0]));
  setMark(zone, "x2", at(facts.zone[1]));
  setMark(mark, "x1", at(pace.ratio));
  setMark(mark, "x2", at(pace.ratio));
}

// One thing at a time in the band at the foot: the first of these that there is.
function bandOf(state) {
  if (message) return { kind: "trouble", told: message };
  if (["offline", "locked", "paused", "stopped"].includes(state)) return { kind: state === "paused" || state === "stopped" ? "plain" : "trouble", told: t(`hud.${state}_detail`) };
  if (state === "trouble" && view.troubles.length) return { kind: "trouble", told: troubleText() };
  if (view.nudge) return { kind: view.nudge.positive ? "praise" : "nudge", told: nudgeText(view.nudge.key) };
  if (view.troubles.length) return { kind: "trouble", told: troubleText() };
  if (view.wait) {
    const text = t(`hud.wait_${view.wait.owed_by}`, { n: view.wait.seconds });
    return { kind: view.wait.late ? "late" : "wait", counted: text };
  }
  if (view.hold && state === "listening") return { kind: "hold", told: t("hud.hold_found") };
  if (view.snoozed_min) return { kind: "plain", counted: t("hud.snoozed", { n: view.snoozed_min }) };
  return { kind: "none" };
}

function troubleText() {
  const [first, ...others] = view.troubles;
  const text = t(`hud.${first.kind}`, { device: first.device });
  return others.length ? t("hud.more_troubles", { text, n: others.length }) : text;
}

// What counts on is not in the region that is read aloud.
function drawBand({ kind, told = "", counted = "" }) {
  const band = find(".band");
  setMark(band, "data-kind", kind);
  setShape(band, kind);
  setText(band.querySelector(".told"), told);
  setText(band.querySelector(".counted"), counted);
}
