// Draws one of two calls that are compared: flags, both sides, what happens between them, and both paces.

import { axisStep, axisTimes } from "../call/layout.js";
import { columnOf, levelHeight, rowFor } from "../call/levels.js";
import { rateRuns, rateScale } from "../call/rates.js";
import { endOf, touching } from "../call/spans.js";
import { OVERLAP_COLOUR, OVERLAP_ORDER, hatch, leftOutBox, overlapSign, severitySign } from "../call/symbols.js";
import { scaleOf } from "../call/view.js";
import { clock, known } from "../shared/numbers.js";

const HEIGHTS = { axis: 20, flags: 22, agent: 40, between: 26, customer: 40, rates: 76 };
const GAP = 4;
const SIDES = ["agent", "customer"];

/** Return the place of each lane, in pixels. */
export function comparedLayout(width) {
  const layout = { width, left: width < 860 ? 86 : 118, right: width - 12, lanes: {}, height: 0 };
  for (const [name, height] of Object.entries(HEIGHTS)) {
    layout.lanes[name] = { top: layout.height, bottom: layout.height + height, middle: layout.height + height / 2, height };
    layout.height += height + (name === "agent" || name === "between" ? 0 : GAP);
  }
  return layout;
}

/** Draw a call; `call` has its facts and `pyramids`, `heights`, `range` of rates, and `names` of the lanes. */
export function drawCompared(pen, ink, { call, view, layout, playhead }) {
  const { left, right, lanes } = layout;
  const scale = scaleOf(view, left, right);
  const scene = { pen, ink, call, view, layout, left, right, over: Math.min(right, scale.x(call.duration)), ...scale };
  pen.clearRect(0, 0, layout.width, layout.height);
  pen.textBaseline = "middle";
  drawAxis(scene);
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, right - left, layout.height);
  pen.clip();
  for (const side of SIDES.filter((each) => call.present.includes(each))) drawVoice(scene, side);
  for (const hold of touching(call.holds, view.from, view.to, call.duration)) {
    leftOutBox(pen, ink, { x0: scale.x(hold.start), x1: scale.x(endOf(hold, call.duration)), y0: lanes.agent.top, y1: lanes.customer.bottom });
  }
  drawBetween(scene);
  drawFlags(scene);
  if (call.range) drawRates(scene);
  if (known(playhead)) {
    pen.fillStyle = ink.ink;
    pen.fillRect(scale.x(playhead) - 0.75, lanes.axis.bottom, 1.5, layout.height - lanes.axis.bottom);
  }
  pen.restore();
  drawNames(scene);
}

function drawAxis({ pen, ink, call, view, layout, left, over, perSecond, x }) {
  const { axis } = layout.lanes;
  const step = axisStep(perSecond);
  pen.font = `11px ${ink.font}`;
  pen.textAlign = "center";
  for (const s of axisTimes(view, step, call.duration)) {
    const at = Math.round(x(s)) + 0.5;
    pen.fillStyle = ink.rule_2;
    pen.fillRect(at, axis.bottom, 1, layout.height - axis.bottom);
    pen.fillStyle = ink.ink_2;
    if (at - 16 > left) pen.fillText(clock(s, step < 1), at, axis.middle);
  }
  pen.textAlign = "left";
  pen.fillStyle = ink.rule;
  if (over > left) pen.fillRect(left, axis.bottom - 0.5, over - left, 1);
}

function drawNames({ pen, ink, call, layout: { left, lanes } }) {
  const name = (lane, text, colour, weight) => {
    pen.font = `${weight} 12px ${ink.font}`;
    pen.fillStyle = colour;
    pen.fillText(text, lane === lanes.axis ? 28 : 0, lane.middle, left - 8);
  };
  name(lanes.flags, call.names.flags, ink.ink, 500);
  name(lanes.agent, call.names.agent, ink.agent_ink, 600);
  name(lanes.customer, call.names.customer, ink.customer_ink, 600);
  if (!call.range) return;
  name(lanes.rates, call.names.rates, ink.ink, 500);
  pen.font = `11px ${ink.font}`;
  pen.fillStyle = ink.ink_2;
  pen.textAlign = "right";
  const { y } = rateScale(lanes.rates, call.range);
  for (const rate of [call.range.low, call.range.high]) pen.fillText(String(rate), left - 5, y(rate));
  pen.textAlign = "left";
}

/** Draw the speech of a side: the agent's grows up, the customer's down. */
function drawVoice({ pen, ink, call, view, layout, left, right, perSecond }, side) {
  const lane = layout.lanes[side];
  const up = side === "agent";
  const row = rowFor(call.pyramids[side], 1 / perSecond);
  pen.fillStyle = ink[side];
  for (let px = left; px < right; px += 1) {
    const from = view.from + (px - left) / perSecond;
    const column = from < call.duration && columnOf(row, from, from + 1 / perSecond);
    if (!column || column.share <= 0.02) continue;
    const height = Math.max(2, levelHeight(column.spoken, call.heights) * (lane.height - 6));
    pen.globalAlpha = 0.35 + 0.6 * Math.min(1, column.share);
    pen.fillRect(px, up ? lane.bottom - 2 - height : lane.top + 2, 1, height);
  }
  pen.globalAlpha = 1;
}

function drawBetween({ pen, ink, call, view, layout, left, right, x }) {
  const { between } = layout.lanes;
  const half = { agent: [between.top, between.middle], customer: [between.middle, between.bottom] };
  for (const silence of touching(call.silences, view.from, view.to, call.duration)) {
    const [y0, y1] = half[silence.owed_by] ?? [between.middle - 4, between.middle + 4];
    const x0 = x(silence.start);
    const width = x(endOf(silence, call.duration)) - x0;
    if (width < 1.5) continue;
    const slant = { agent: 1, customer: -1 }[silence.owed_by] ?? 0;
    hatch(pen, x0, y0 + 1, width, y1 - y0 - 2, ink[silence.owed_by] ?? ink.ink_3, slant, 5);
  }
  const crowded = 12 * call.overlaps.length > right - left;
  const marks = touching(call.overlaps, view.from, view.to, call.duration).filter(({ kind }) => kind !== "backchannel" || !crowded);
  marks.sort((a, b) => OVERLAP_ORDER.indexOf(a.kind) - OVERLAP_ORDER.indexOf(b.kind));
  for (const overlap of marks) {
    const byAgent = overlap.entrant !== "customer";
    const [y0, y1] = half[byAgent ? "agent" : "customer"];
    const [x0, x1] = [x(overlap.start), x(endOf(overlap, call.duration))];
    pen.fillStyle = ink[OVERLAP_COLOUR[overlap.kind]] ?? ink.ink_2;
    pen.globalAlpha = 0.16;
    pen.fillRect(x0, between.top, x1 - x0, between.height);
    pen.globalAlpha = 1;
    overlapSign(pen, ink, overlap.kind, (x0 + x1) / 2, (y0 + y1) / 2, 5, byAgent);
  }
}

function drawFlags({ pen, ink, call, view, layout, left, x }) {
  const { flags } = layout.lanes;
  let free = left; // names are written where they have room
  for (const flag of touching(call.flags, view.from, view.to, call.duration)) {
    const note = flag.severity === "note";
    const x0 = Math.max(left + 1, x(flag.start));
    pen.fillStyle = note ? ink.ink_3 : ink.alarm;
    pen.globalAlpha = note ? 0.5 : 0.9;
    pen.fillRect(x0, flags.bottom - 3, Math.max(2, x(endOf(flag, call.duration)) - x0), note ? 1.5 : 2.5);
    pen.globalAlpha = 1;
    severitySign(pen, ink, flag.severity, x0 + 6, flags.middle - 2, 5);
    if (note) continue;
    const text = call.names.rule(flag.rule);
    pen.font = `12px ${ink.font}`;
    const from = x0 + (flag.severity === "severe" ? 24 : 15);
    const next = call.flags.find((each) => each.start > flag.start);
    const room = (next ? x(next.start) : layout.right) - from - 4;
    const { width } = pen.measureText(text);
    if (from < free || width > room) continue;
    pen.fillStyle = ink.ink;
    pen.fillText(text, from, flags.middle - 2);
    free = from + width + 4;
  }
}

function drawRates(scene) {
  const { pen, ink, call, layout, left, over, x } = scene;
  const lane = layout.lanes.rates;
  const { y } = rateScale(lane, call.range);
  for (const rate of [call.range.low, call.range.high]) {
    pen.fillStyle = ink.rule_2;
    if (over > left) pen.fillRect(left, Math.round(y(rate)), over - left, 1);
  }
  pen.lineWidth = 1.6;
  for (const side of [...SIDES].reverse()) {
    pen.strokeStyle = ink[side];
    pen.setLineDash(side === "customer" ? [5, 3] : []);
    for (const run of rateRuns(call.rates[side], { ...scene, breaks: call.holds })) {
      pen.beginPath();
      for (const [at, rate] of run) pen.lineTo(x(at), y(rate));
      pen.stroke();
    }
  }
  pen.setLineDash([]);
}
