// What a view looks like: words, shapes and places. The server decides what is shown when; nothing here waits or counts.

export const SIDES = ["agent", "customer"];

/** The view before the first one comes. */
export const NO_VIEW = {
  state: "connecting", in_call: false, recording: false, snoozed_min: 0, troubles: [], wait: null, hold: null, nudge: null,
  sides: SIDES.map(() => ({ level: 0, speaking: false, heard: true, rate: null })),
  pace: { word: "unknown", ratio: null, share: null, tempo: "unknown", minded: false },
};

/** Return the state to show: the session's, or that of the connection ("connecting", "offline", "locked") where it is not open. */
export const shownState = (view, connection) => (connection === "open" || view.state === "stopped" ? view.state : connection);

/** Return the words of a state; of a trouble, whose sound is missing. */
export function stateText(state, view, t) {
  if (state !== "trouble") return t(`hud.${state}`);
  const missing = SIDES.filter((side, k) => !view.sides[k].heard);
  if (!missing.length) return t("hud.trouble_quality");
  return t(missing.length === 1 ? `hud.trouble_${missing[0]}` : "hud.trouble_both");
}

/**
 * Return the row of a side: its shape, its words and the length of its bar, 0 to 1.
 *
 * `live` says that views come; `still` that the reader asked for less motion: then the bar is full or empty.
 * `characters` gives the rate in characters a minute instead of syllables a second.
 */
export function sideRow(side, now, { live, still, steps, characters, t }) {
  const missing = live && !now.heard;
  const speaking = live && now.speaking;
  const name = side === "agent" ? (speaking ? "you_speak" : "you") : speaking ? "customer_speaks" : "customer";
  const level = !live ? 0 : still ? (speaking ? steps : 0) : now.level;
  const row = { received: !missing, speaking, shape: missing ? "missing" : speaking ? "speaking" : "silent", bar: level / steps, rate: "", title: "" };
  row.who = missing ? `${t(`hud.${name}`)} · ${t("hud.not_heard")}` : t(`hud.${name}`);
  if (!now.heard) return row;
  if (now.rate === null) return { ...row, rate: t("hud.rate_unknown") };
  const syllables = now.rate.toFixed(1);
  row.rate = characters ? t("hud.characters", { n: String(10 * Math.round(6 * now.rate)) }) : t("hud.rate", { n: syllables });
  row.title = t("hud.rate_title", { n: syllables });
  return row;
}

/** Return the place of a ratio on the scale, 2 to 98: half to twice, even in the logarithm, so that 1 is in the middle. */
export const scalePlace = (ratio) => Math.min(98, Math.max(2, 100 * (Math.log2(ratio) / 2 + 0.5)));

/** Return the line under the scale: the agent's share of the talk, and the customer's tempo where it is not ordinary. */
export function shareText(pace, t) {
  const share = pace.share === null ? "" : t("hud.share", { n: Math.round(100 * pace.share) });
  const tempo = ["hurried", "relaxed"].includes(pace.tempo) ? t(`hud.tempo_${pace.tempo}`) : "";
  return [share, tempo].filter(Boolean).join(" · ");
}

/** Return the first trouble in words, and how many more there are. */
export function troubleText([first, ...others], t) {
  const text = t(`hud.${first.kind}`, { device: first.device });
  return others.length ? t("hud.more_troubles", { text, n: others.length }) : text;
}

/**
 * Return what the band at the foot shows, one thing at a time: the first of these that there is.
 *
 * `message` is read aloud by a screen reader; `counter` changes every second and is not. `failure` is the text of a
 * request that failed, or empty.
 */
export function bandOf(state, view, { failure, nudgeText, t }) {
  if (failure) return { kind: "trouble", message: failure };
  if (["paused", "stopped"].includes(state)) return { kind: "plain", message: t(`hud.${state}_detail`) };
  if (["offline", "locked"].includes(state)) return { kind: "trouble", message: t(`hud.${state}_detail`) };
  if (state === "trouble" && view.troubles.length) return { kind: "trouble", message: troubleText(view.troubles, t) };
  if (view.nudge) return { kind: view.nudge.positive ? "praise" : "nudge", message: nudgeText(view.nudge.key) };
  if (view.troubles.length) return { kind: "trouble", message: troubleText(view.troubles, t) };
  if (view.wait) return { kind: view.wait.late ? "late" : "wait", counter: t(`hud.wait_${view.wait.owed_by}`, { n: view.wait.seconds }) };
  if (view.hold && state === "listening") return { kind: "hold", message: t("hud.hold_found") };
  if (view.snoozed_min) return { kind: "plain", counter: t("hud.snoozed", { n: view.snoozed_min }) };
  return { kind: "none" };
}

/** Return which buttons can be pressed. */
export function enabledButtons(state, view, connection) {
  const open = connection === "open" && state !== "stopped";
  const unpaused = open && state !== "paused";
  return { pause: open, hold: unpaused && view.in_call, snooze: open, start: unpaused && !view.in_call, end: open && view.in_call };
}
