// Two calls side by side: both timelines at one scale, from the start of each.

import { decodeLevels, levelPyramid, levelScale } from "../call/levels.js";
import { rateRangeOf } from "../call/rates.js";
import { createTexts } from "../call/texts.js";
import { moved, viewOf, zoomed } from "../call/view.js";
import { inkOf, penOn } from "../shared/canvas.js";
import { clock } from "../shared/numbers.js";
import { comparedLayout, drawCompared } from "./compare_lanes.js";
import { registerKeys } from "./keys.js";
import { word } from "./words.js";

const STEP = 1.6; // how much one press zooms
const $ = (id) => document.getElementById(id);
const given = JSON.parse($("compared").textContent);
const { t, sideTitle } = createTexts({ catalogues: { [given.language]: given.texts }, language: given.language });
const longest = Math.max(1, ...given.calls.map((call) => call.duration));
const range = rateRangeOf(given.calls.flatMap((call) => Object.values(call.rates))); // one scale for both

/** Return a call with what is drawn of it. */
function prepared(call) {
  const pyramids = Object.fromEntries(call.present.map((side) => [side, levelPyramid({
    levels: call.levels?.[side] ? decodeLevels(call.levels[side]) : null, step: call.levels?.step_s ?? 0.05, spans: call.speech[side],
    duration: call.duration,
  })]));
  const heights = levelScale(Object.values(pyramids).map(([finest]) => finest), []);
  const rule = (name) => t("rule." + name);
  const names = { flags: t("lane.flags"), rates: t("lane.rates"), agent: sideTitle("agent"), customer: sideTitle("customer"), rule };
  const hasRates = Object.values(call.rates).some(({ at }) => at.length);
  const flags = [...call.flags].sort((a, b) => a.start - b.start);
  return { ...call, flags, pyramids, heights, names, range: hasRates ? range : null };
}

const lines = given.calls.map((call, k) => {
  const track = new Audio();
  track.preload = "none";
  track.src = call.sound;
  return { call: prepared(call), canvas: $(`line-${k + 1}`), track, at: 0 };
});
let view = { from: 0, to: longest };
let pending = false;

function draw() {
  pending = false;
  const ink = inkOf(document.documentElement);
  for (const line of lines) {
    const width = line.canvas.parentElement.clientWidth;
    line.layout = comparedLayout(width);
    drawCompared(penOn(line.canvas, width, line.layout.height), ink, { call: line.call, view, layout: line.layout, playhead: line.at });
    line.canvas.dataset.from = view.from.toFixed(3);
    line.canvas.dataset.to = view.to.toFixed(3);
  }
}

function schedule() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(draw);
}

function look(next) {
  view = next;
  schedule();
}

// --- sound: one call at a time ---

let heard = lines[0];

function play(line, s) {
  for (const other of lines) if (other !== line) other.track.pause();
  heard = line;
  if (s !== undefined) line.track.currentTime = s;
  line.track.play().catch((error) => {
    if (error.name !== "AbortError") $("compare-note").textContent = word("workbench_compare.no_sound");
  });
}

const toggle = () => (heard.track.paused ? play(heard) : heard.track.pause());

for (const line of lines) {
  const follow = () => {
    line.at = line.track.currentTime;
    $("compare-clock").textContent = clock(line.at, true);
    schedule();
    if (!line.track.paused) requestAnimationFrame(follow);
  };
  line.track.addEventListener("play", () => {
    line.canvas.parentElement.classList.add("playing");
    follow();
  });
  for (const name of ["pause", "ended"]) line.track.addEventListener(name, () => line.canvas.parentElement.classList.remove("playing"));
  line.track.addEventListener("seeked", follow);
  line.canvas.addEventListener("click", (event) => {
    const { left, right } = line.layout;
    const px = event.clientX - line.canvas.getBoundingClientRect().left;
    const s = view.from + ((px - left) / (right - left)) * (view.to - view.from);
    if (px >= left && px <= right && s < line.call.duration) play(line, s);
  });
  line.canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return; // the page scrolls
    event.preventDefault();
    if (event.ctrlKey) zoom(Math.exp(-event.deltaY / 300));
    else look(moved(view, ((event.deltaX || event.deltaY) / line.layout.width) * (view.to - view.from), longest));
  }, { passive: false });
}

function zoom(factor) {
  const { at } = heard;
  look(zoomed(view, factor, at > view.from && at < view.to ? at : (view.from + view.to) / 2, longest));
}

const pan = (share) => look(moved(view, share * (view.to - view.from), longest));
const fit = () => look(viewOf(0, longest, longest));

$("zoom-in").addEventListener("click", () => zoom(STEP));
$("zoom-out").addEventListener("click", () => zoom(1 / STEP));
$("fit").addEventListener("click", fit);
new ResizeObserver(schedule).observe($("line-1").parentElement);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", schedule);

const group = word("workbench_compare.compare");
const say = (key) => word("workbench_compare." + key);
const follow = (id) => () => $(id)?.click();
registerKeys([
  { keys: ["1"], label: say("key_first"), group, run: follow("open-1") },
  { keys: ["2"], label: say("key_second"), group, run: follow("open-2") },
  { keys: ["a"], label: say("key_play_first"), group, run: () => play(lines[0]) },
  { keys: ["b"], label: say("key_play_second"), group, run: () => play(lines[1]) },
  { keys: [" "], label: say("key_play"), group, run: toggle },
  { keys: ["+", "="], label: t("player.zoom_in"), group, run: () => zoom(STEP) },
  { keys: ["-"], label: t("player.zoom_out"), group, run: () => zoom(1 / STEP) },
  { keys: ["0"], label: say("whole"), group, run: fit },
  { keys: ["ArrowLeft"], label: say("key_left"), group, run: () => pan(-0.2) },
  { keys: ["ArrowRight"], label: say("key_right"), group, run: () => pan(0.2) },
  { keys: ["x"], label: say("swap"), group, run: follow("swap") },
  { keys: ["]"], label: say("next"), group, run: follow("to-next") },
  { keys: ["["], label: say("previous"), group, run: follow("to-previous") },
  { keys: ["o"], label: word("workbench_compare.key_list"), group, run: follow("to-list") },
]);
draw();
