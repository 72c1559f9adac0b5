// The keys of the call's page. Each judging key is the first letter of what its button says, or its place in the row.

import { registerKeys } from "./keys.js";
import { DECISIONS } from "./review_panel.js";
import { word } from "./words.js";

const call = (key) => word("workbench_call." + key);
const verdicts = (key) => word("workbench_verdicts." + key);
const $ = (id) => document.getElementById(id);

/** Return a key's action that a held key does not repeat. */
const once = (run) => (event) => {
  if (!event.repeat) run(event);
};

const follow = (id) => once(() => $(id)?.click());

/** Register the keys that listen and look. */
export function registerCallKeys({ report, review, hearNext, flipWaveform }) {
  const { player, timeline } = report;
  const step = (name, by) => {
    const select = $("speed");
    select.selectedIndex = Math.min(select.options.length - 1, Math.max(0, select.selectedIndex + by));
    select.dispatchEvent(new Event("change"));
  };
  const seek = (by) => {
    review?.evidence.stop();
    player.seek(player.time + by);
  };
  const listening = call("keys_listen");
  const view = call("keys_view");
  const calls = call("keys_calls");
  registerKeys([
    ...(review ? [] : [{ keys: [" "], label: call("key_space"), group: listening, run: once(() => player.toggle()) }]),
    { keys: ["p"], label: call("key_play"), group: listening, run: once(() => player.toggle()) },
    { keys: ["ArrowLeft"], label: call("key_back"), group: listening, run: () => seek(-2) },
    { keys: ["ArrowRight"], label: call("key_on"), group: listening, run: () => seek(2) },
    { keys: ["c"], label: call("key_heard"), group: listening, run: once(hearNext) },
    { keys: ["<", ","], label: call("key_slower"), group: listening, run: () => step("speed", -1) },
    { keys: [">", "."], label: call("key_faster"), group: listening, run: () => step("speed", 1) },
    { keys: ["+", "="], label: call("key_zoom_in"), group: view, run: () => report.zoom(1) },
    { keys: ["-"], label: call("key_zoom_out"), group: view, run: () => report.zoom(-1) },
    { keys: ["0"], label: call("key_fit"), group: view, run: () => timeline.fit() },
    { keys: ["f"], label: call("key_waveform"), group: view, run: once(flipWaveform) },
    { keys: ["]"], label: call("key_next"), group: calls, run: follow("to-next") },
    { keys: ["["], label: call("key_previous"), group: calls, run: follow("to-previous") },
    { keys: ["o"], label: call("key_list"), group: calls, run: follow("to-list") },
    ...(review ? [
      { keys: ["v"], label: call("key_compare"), group: calls, run: follow("to-compare") },
      { keys: ["S"], label: call("key_share"), group: calls, run: follow("to-share") },
    ] : []),
  ]);
}

/** Let arrows and ends move the view while the timeline has the focus. */
export function moveTimelineByKeys(timeline) {
  const moves = { ArrowLeft: -0.15, ArrowRight: 0.15, Home: -Infinity, End: Infinity };
  timeline.box.addEventListener("keydown", (event) => {
    if (!(event.key in moves) || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    timeline.pan(moves[event.key]);
  });
}

/** Register the keys that judge. */
export function registerReviewKeys(review) {
  const group = verdicts("keys");
  const { panel } = review;
  const looking = [
    { keys: ["j", "ArrowDown"], label: verdicts("key_next"), group, run: () => review.step(1) },
    { keys: ["k", "ArrowUp"], label: verdicts("key_previous"), group, run: () => review.step(-1) },
    { keys: [" "], label: verdicts("key_listen"), group, run: once(() => review.listen()) },
    { keys: ["h"], label: verdicts("key_history"), group, run: once(() => panel.flipHistory()) },
    { keys: ["x"], label: verdicts("key_figures"), group, run: once(() => panel.flipFigures()) },
    { keys: ["s"], label: verdicts("key_play_at_once"), group, run: once(() => review.flip(review.playAtOnce)) },
  ];
  const judging = [
    ...DECISIONS.map((decision, k) => (
      { keys: [decision[0], String(k + 1)], label: verdicts("key_" + decision), group, run: once(() => review.judge(decision)) })),
    { keys: ["n"], label: verdicts("key_note"), group, run: once(() => $("note")?.focus()) },
    { keys: ["z"], label: verdicts("key_undo"), group, run: once(() => review.undo()) },
    { keys: ["d"], label: verdicts("key_done"), group, run: once(() => review.markCall()) },
    { keys: ["m"], label: verdicts("key_missed"), group, run: once(() => review.askMissed()) },
    { keys: ["a"], label: verdicts("key_auto_advance"), group, run: once(() => review.flip(review.autoAdvance)) },
  ];
  registerKeys([...looking, ...(review.given.may_write ? judging : [])]);
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "note" || event.isComposing) return;
    if (event.key === "Escape") event.target.blur();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) review.saveNote();
    else return;
    event.preventDefault();
  });
}
