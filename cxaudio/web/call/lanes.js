// Draws a stretch of the call as lanes; the same code draws on the screen and on paper.

import { SIDES, duration, end, facts, flags, heights, inStep, present, pyramids, rateRange, seconds, sideTitle, t, texts, twoSided, within } from "./call.js";
import { dropoutWord, flagTitle, holdShort, holdWord, lineSoundShort, nudgeText, tempoSigns, tempoState } from "./descriptions.js";
import { placeFlags } from "./flag_rows.js";
import { axisStep, axisTimes, layoutFor } from "./layout.js";
import { columnOf, levelBetween, levelHeight, rowFor } from "./levels.js";
import { clock, known } from "../shared/numbers.js";
import { rateRuns, rateScale } from "./rates.js";
import { insideSpans } from "./spans.js";
import { OVERLAP_COLOUR, OVERLAP_ORDER, hatch, leftOutBox, lineSoundBar, lostBox, nudgeSign, overlapSign, severitySign, tempoTexture } from "./symbols.js";
import { scaleOf } from "./view.js";

const FLAG_ROWS = flags.length > 6 ? 3 : flags.length > 1 ? 2 : 1;
const SHOWN = {
  flags: flags.length > 0 || twoSided,
  nudges: facts.nudges.length > 0,
  agent: present("agent"),
  between: twoSided,
  customer: present("customer"),
  tempo: twoSided && facts.tempo.length > 0,
  rates: rateRange !== null,
};

/** Return the layout of this call's lanes. */
export const callLayout = (width, { printed = false, flagRows = FLAG_ROWS } = {}) =>
  layoutFor(width, { shown: SHOWN, flagRows, printed, inCharacters: texts.inCharacters() });

/** Draw everything that stands still, and return the scale and what can be pointed at. */
export function drawLanes(pen, ink, view, layout) {
  const { left, right, lanes } = layout;
  const { perSecond, x, time } = scaleOf(view, left, right);
  const hits = [];
  const over = Math.min(right, x(duration)); // on paper the last row may reach beyond the call
  const scene = { pen, ink, view, layout, lanes, left, right, over, perSecond, x, hits };
  pen.clearRect(0, 0, layout.width, layout.height);
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  drawAxis(scene);
  pen.save();
  pen.beginPath();
  pen.rect(left - 1, 0, right - left + 2, layout.height);
  pen.clip();
  if (lanes.rates) drawRates(scene);
  for (const side of SIDES) if (lanes[side]) drawVoice(scene, side);
  for (const side of SIDES) if (lanes[side]) drawLineSounds(scene, side);
  if (lanes.agent || lanes.customer) drawLeftOut(scene);
  if (lanes.between) drawBetween(scene);
  if (lanes.tempo) drawTempo(scene);
  if (lanes.flags) drawFlags(scene);
  if (lanes.nudges) drawNudges(scene);
  pen.restore();
  drawNames(scene);
  if (lanes.rates) drawRateAxis(scene);
  return { hits, x, time, layout };
}

const font = (ink, size, weight = 400) => `${weight} ${size}px ${ink.font}`;

function drawAxis({ pen, ink, view, layout, lanes, left, over, perSecond, x }) {
  const step = axisStep(perSecond);
  pen.font = font(ink, layout.size.small);
  pen.lineWidth = 1;
  for (const s of axisTimes(view, step, duration)) {
    const at = Math.round(x(s)) + 0.5;
    pen.strokeStyle = ink.rule_2;
    pen.beginPath();
    pen.moveTo(at, lanes.axis.bottom);
    pen.lineTo(at, layout.height - 8);
    pen.stroke();
    const text = clock(s, step < 1);
    const width = pen.measureText(text).width;
    if (at - width / 2 < left - 4 || at + width / 2 > layout.width) continue;
    pen.fillStyle = ink.ink_2;
    pen.textAlign = "center";
    pen.fillText(text, at, lanes.axis.middle - 1);
  }
  pen.textAlign = "left";
  pen.strokeStyle = ink.rule;
  pen.beginPath();
  pen.moveTo(left, lanes.axis.bottom - 0.5);
  pen.lineTo(over, lanes.axis.bottom - 0.5);
  pen.stroke();
}

function drawNames({ pen, ink, layout, lanes }) {
  const { text: size, small } = layout.size;
  const name = (lane, text, colour, weight, below) => {
    if (!lane) return;
    pen.fillStyle = colour;
    pen.font = font(ink, size, weight);
    const width = layout.left - 10;
    const [first, second] = linesOf(pen, text, width);
    const lines = second ? 2 : 1;
    const y = lane.middle - (lines - 1) * size * 0.62 - (below ? size * 0.62 : 0);
    pen.fillText(first, 0, y, width);
    if (second) pen.fillText(second, 0, y + size * 1.24, width);
    if (!below) return;
    pen.font = font(ink, small);
    pen.fillStyle = ink.ink_2;
    pen.fillText(below, 0, y + lines * size * 1.24, width);
  };
  name(lanes.flags, t("lane.flags"), ink.ink, 500);
  name(lanes.nudges, t("lane.nudges"), ink.ink, 500);
  name(lanes.agent, sideTitle("agent"), ink.agent_ink, 600, facts.levels ? t("lane.level_unit") : "");
  name(lanes.customer, sideTitle("customer"), ink.customer_ink, 600, facts.levels ? t("lane.level_unit") : "");
  name(lanes.tempo, t("lane.tempo"), ink.ink, 500);
  name(lanes.rates, t("lane.rates"), ink.ink, 500, t("lane.rates_unit"));
}

/** Return a name as one line, or as two where it is too wide for one. */
function linesOf(pen, text, width) {
  if (pen.measureText(text).width <= width) return [text];
  const cuts = [...text.matchAll(/\s/g)].map((match) => match.index);
  const at = cuts.findLast((cut) => pen.measureText(text.slice(0, cut)).width <= width);
  return at === undefined ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

const NAMED_LOSS = 1; // seconds: shorter losses may be many, and are named only where the name fits inside
const LINE_BAR = 4; // pixels: height of a sound of the line
const SHADES = [0.34, 0.55, 0.78, 0.92]; // opacity of a column by its share of speech, in quarters

/** Return level and speech of a side in one column of pixels; values wider than a pixel are joined by straight lines. */
function voiceColumn(side, row, from, to, wide) {
  if (!wide) return columnOf(row, from, to);
  const s = (from + to) / 2;
  const level = levelBetween(row, s);
  return { all: level, spoken: level, share: insideSpans(facts.speech[side], s) ? 1 : 0 };
}

/** Draw the level of a side: the agent's grows up from the middle of the timeline, the customer's grows down. */
function drawVoice({ pen, ink, view, lanes, left, right, perSecond, hits }, side) {
  const lane = lanes[side];
  const up = side === "agent" || !twoSided;
  const base = up ? lane.bottom - 5 : lane.top + 5;
  const room = lane.height - 7;
  const row = rowFor(pyramids[side], 1 / perSecond);
  const wide = row.step * perSecond > 1.5;
  const quiet = new Path2D();
  const spoken = SHADES.map(() => new Path2D());
  for (let px = left; px < right; px += 1) {
    const from = view.from + (px - left) / perSecond;
    const to = from + 1 / perSecond;
    if (to <= 0 || from >= duration) continue;
    const column = voiceColumn(side, row, from, to, wide);
    if (!column) continue;
    const tall = levelHeight(column.all, heights) * room;
    if (tall >= 0.5 && column.share < 0.95) quiet.rect(px, up ? base - tall : base, 1, tall);
    if (column.share > 0.02) {
      const height = Math.max(2, levelHeight(column.spoken, heights) * room);
      spoken[Math.min(3, Math.floor(column.share * 4))].rect(px, up ? base - height : base, 1, height);
    }
  }
  pen.fillStyle = ink.ink_3;
  pen.globalAlpha = 0.22;
  pen.fill(quiet);
  pen.fillStyle = ink[side];
  spoken.forEach((path, k) => {
    pen.globalAlpha = SHADES[k];
    pen.fill(path);
  });
  pen.globalAlpha = 1;
  drawTurns({ pen, ink, view, up, base, perSecond, left, right }, side);
  hits.push({ kind: "voice", side, x0: left, x1: right, y0: lane.top, y1: lane.bottom });
}

/** Draw a line under the speech for as long as the side holds the floor. */
function drawTurns({ pen, ink, view, up, base, perSecond, left, right }, side) {
  const y = up ? base + 1 : base - 3;
  pen.fillStyle = ink[side];
  const line = new Path2D();
  for (const turn of within(facts.turns, view.from, view.to)) {
    if (turn.side !== side) continue;
    const x0 = Math.max(left - 4, left + (turn.start - view.from) * perSecond);
    const x1 = Math.min(right + 4, left + (end(turn) - view.from) * perSecond);
    // A gap of 1.5 pixels separates one turn from the next.
    line.rect(x0, y, Math.max(1, x1 - x0 - (x1 - x0 > 6 ? 1.5 : 0)), 2);
  }
  pen.fill(line);
}

/** Draw the sounds of the line as a thin bar at the outer edge of the lane they came in on. */
function drawLineSounds({ pen, ink, view, layout, lanes, left, right, x, hits }, side) {
  const lane = lanes[side];
  const above = side === "agent" || !twoSided;
  const y = above ? lane.top : lane.bottom - LINE_BAR;
  const held = within(facts.holds, view.from, view.to); // a hold says what it is itself
  for (const sound of within(facts.line_sounds, view.from, view.to)) {
    if (sound.side !== side) continue;
    const x0 = Math.max(left - 2, x(sound.start));
    const width = Math.max(2, Math.min(right + 2, x(end(sound))) - x0);
    lineSoundBar(pen, ink, x0, y, width, LINE_BAR);
    if (!held.some((hold) => hold.start < end(sound) && end(hold) > sound.start)) {
      const shift = LINE_BAR + layout.size.text * 0.66;
      label(pen, ink, lineSoundShort(sound), x0 + 3, above ? lane.top + shift : lane.bottom - shift, width - 6, layout, true);
    }
    hits.push({ kind: "line_sound", item: sound, x0: x0 - 2, x1: x0 + width + 2, y0: y - 2, y1: y + 2 * LINE_BAR + 2 });
  }
}

/** Draw what is left out of the figures: holds, pauses, sides that were not recorded, lost sound; each with its name. */
function drawLeftOut({ pen, ink, view, layout, lanes, left, right, x, hits }) {
  const { top } = lanes.agent || lanes.customer;
  const { bottom } = lanes.customer || lanes.agent;
  const half = lanes.between || { top: (top + bottom) / 2, bottom: (top + bottom) / 2 };
  const named = [];
  const place = (item, side) => {
    const x0 = Math.max(left - 2, x(item.start));
    const x1 = Math.max(x0 + 2, Math.min(right + 2, x(end(item))));
    return { x0, x1, y0: twoSided && side === "customer" ? half.top : top, y1: twoSided && side === "agent" ? half.bottom : bottom };
  };
  for (const hold of within(facts.holds, view.from, view.to)) {
    const box = place(hold, hold.kind === "not_recorded" ? hold.side : null);
    leftOutBox(pen, ink, box);
    named.push({ ...box, texts: [holdWord(hold), holdShort(hold)] });
    hits.push({ kind: "hold", item: hold, ...box });
  }
  for (const dropout of within(facts.dropouts, view.from, view.to)) {
    const box = place(dropout, dropout.side);
    lostBox(pen, ink, box);
    named.push({ ...box, texts: [dropoutWord()], small: end(dropout) - dropout.start < NAMED_LOSS });
    hits.push({ kind: "dropout", item: dropout, ...box, x0: box.x0 - 2, x1: box.x1 + 2 });
  }
  // A name is written inside its box, or else right behind or before it, where no other has taken the place.
  let taken = left;
  for (const { x0, x1, y0, y1, texts: names, small } of named.sort((a, b) => a.x0 - b.x0)) {
    const y = y0 === top ? y0 + layout.size.text * 0.8 : y1 - layout.size.text * 0.8;
    const written = (at, room) => names.reduce((width, text) => width || label(pen, ink, text, at, y, room, layout, true), 0);
    const before = taken;
    taken = Math.max(taken, x1);
    if (written(x0 + 5, x1 - x0 - 10) || small) continue;
    const from = taken + 5;
    const behind = from - x1 < 12 ? written(from, right - from) : 0;
    if (behind) taken = from + behind;
    else {
      pen.textAlign = "right";
      written(x0 - 5, x0 - before - 10);
      pen.textAlign = "left";
    }
  }
}

/** Write a text where there is room for it and return its width, else 0; `backed` paints paper under it. */
function label(pen, ink, text, x, y, room, layout, backed = false, colour = ink.ink_2) {
  pen.font = font(ink, layout.size.text - 0.5);
  const { width } = pen.measureText(text);
  if (width > room) return 0;
  if (backed) {
    pen.fillStyle = ink.paper;
    pen.globalAlpha = 0.86;
    pen.fillRect((pen.textAlign === "right" ? x - width : x) - 3, y - layout.size.text * 0.66, width + 6, layout.size.text * 1.32);
    pen.globalAlpha = 1;
  }
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
  return width;
}

/** Draw what happens between the voices: in the upper half what the agent did, in the lower half what the customer did. */
function drawBetween(scene) {
  const { pen, ink, view, layout, lanes, left, right, over, x, hits } = scene;
  const lane = lanes.between;
  const half = { agent: [lane.top, lane.middle], customer: [lane.middle, lane.bottom] };
  pen.strokeStyle = ink.rule;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const y of [lane.top + 0.5, lane.bottom - 0.5]) {
    pen.moveTo(left, y);
    pen.lineTo(over, y);
  }
  pen.stroke();
  for (const silence of within(facts.silences, view.from, view.to)) {
    const owed = silence.owed_by;
    const [y0, y1] = half[owed] || [lane.middle - 6, lane.middle + 6];
    const x0 = Math.max(left - 8, x(silence.start));
    const width = Math.min(right + 8, x(end(silence))) - x0;
    if (width < 1) continue;
    const colour = owed ? ink[owed] : ink.ink_3;
    const slant = owed === "agent" ? 1 : owed === "customer" ? -1 : 0;
    hatch(pen, x0, y0 + 3, width, y1 - y0 - 6, colour, slant, slant ? 5 : 4.5);
    if (owed) {
      pen.fillStyle = colour; // a solid edge on the side that owes the reply
      pen.fillRect(x0, owed === "agent" ? y0 : y1 - 2, width, 2);
    }
    const text = `${t("silence.short_" + (owed || "nobody"))} ${seconds(end(silence) - silence.start)}`;
    label(pen, ink, text, x0 + 7, (y0 + y1) / 2, width - 12, layout, true);
    hits.push({ kind: "silence", item: silence, x0: x0 - 1, x1: x0 + width + 1, y0, y1 });
  }
  const marks = within(facts.overlaps, view.from, view.to);
  // Where backchannels are too close to be seen one by one they shrink to ticks.
  const crowded = marks.length * 15 > right - left;
  marks.sort((a, b) => OVERLAP_ORDER.indexOf(a.kind) - OVERLAP_ORDER.indexOf(b.kind));
  for (const overlap of marks) {
    const byAgent = overlap.entrant !== "customer";
    const [y0, y1] = half[byAgent ? "agent" : "customer"];
    const x0 = x(overlap.start);
    const x1 = x(end(overlap));
    const middle = (x0 + x1) / 2;
    const y = (y0 + y1) / 2;
    const minor = overlap.kind === "backchannel" || overlap.kind === "early_reply";
    if (x1 - x0 > 4) {
      pen.fillStyle = ink[OVERLAP_COLOUR[overlap.kind]] || ink.ink_2;
      pen.globalAlpha = minor ? 0.1 : 0.2;
      pen.fillRect(x0, lane.top, x1 - x0, lane.height);
      pen.globalAlpha = 1;
    }
    if (minor && crowded) {
      pen.fillStyle = ink[OVERLAP_COLOUR[overlap.kind]];
      pen.globalAlpha = 0.75;
      pen.fillRect(middle - 0.6, byAgent ? y0 + 2 : y1 - 7, 1.2, 5);
      pen.globalAlpha = 1;
    } else {
      overlapSign(pen, ink, overlap.kind, middle, y, layout.size.sign, byAgent);
    }
    hits.push({ kind: "overlap", item: overlap, minor, x0: Math.min(x0, middle - 7), x1: Math.max(x1, middle + 7), y0, y1 });
  }
}

function drawTempo({ pen, ink, view, layout, lanes, left, right, x, hits }) {
  const lane = lanes.tempo;
  for (const stretch of within(facts.tempo, view.from, view.to)) {
    const state = tempoState(stretch);
    const x0 = Math.max(left, x(stretch.start));
    const x1 = Math.min(right, x(end(stretch)));
    if (x1 <= x0) continue;
    if (state !== "unknown") {
      pen.fillStyle = ink.customer;
      pen.globalAlpha = state === "hurried" ? 0.24 : state === "relaxed" ? 0.1 : 0.05;
      pen.fillRect(x0, lane.top, x1 - x0, lane.height);
      pen.globalAlpha = 1;
    }
    pen.fillStyle = ink.rule;
    pen.fillRect(x0, lane.top, 1, lane.height);
    // With its signs, where a state has consequences and there is room for them.
    const why = state === "hurried" || state === "relaxed" ? tempoSigns(stretch) : "";
    const names = [...(why ? [`${t("tempo." + state)}: ${why}`] : []), t("tempo." + state)];
    const room = names.reduce((width, text) => width || label(pen, ink, text, x0 + 7, lane.middle, x1 - x0 - 14, layout, false, ink.ink), 0);
    const texture = x0 + (room ? room + 16 : 4);
    if (x1 - texture > 6) tempoTexture(pen, ink, state, texture, lane.top, x1 - texture - 4, lane.height);
    hits.push({ kind: "tempo", item: stretch, x0, x1, y0: lane.top, y1: lane.bottom });
  }
}

function drawFlags({ pen, ink, view, layout, lanes, left, right, x, hits }) {
  const { flagRow, text: size } = layout.size;
  pen.font = font(ink, size);
  const marks = within(flags, view.from, view.to).map((flag) => {
    const x0 = Math.max(left + 2, x(flag.start));
    const text = flagTitle(flag);
    return {
      flag, x0, x1: Math.max(x0 + 2, Math.min(right, x(end(flag)))), sign: flag.severity === "severe" ? 22 : 13, text, textWidth: pen.measureText(text).width,
    };
  });
  for (const { flag, row, x0, x1, sign, text, textWidth, room } of placeFlags(marks, { right, n: layout.flagRows })) {
    const note = flag.severity === "note";
    const y = lanes.flags.top + row * flagRow + flagRow / 2;
    pen.fillStyle = note ? ink.ink_3 : ink.alarm;
    pen.globalAlpha = note ? 0.5 : 0.9;
    pen.fillRect(x0, y + flagRow / 2 - 3, x1 - x0, note ? 1.5 : flag.severity === "severe" ? 3 : 2);
    pen.globalAlpha = 1;
    for (const step of (flag.steps || []).slice(1)) { // where it became more severe
      if (known(step.at) && step.at >= view.from && step.at <= view.to) pen.fillRect(x(step.at) - 1, y + flagRow / 2 - 5, 2, 7);
    }
    severitySign(pen, ink, flag.severity, x0 + 6, y - 1, layout.size.sign - 0.5);
    const named = textWidth + 4 <= room;
    if (named) {
      pen.fillStyle = note ? ink.ink_2 : ink.ink;
      pen.fillText(text, x0 + sign + 3, y - 1);
    }
    const used = named ? x0 + sign + textWidth + 4 : x0 + sign;
    hits.push({ kind: "flag", item: flag, x0: x0 - 3, x1: Math.max(x1, used) + 2, y0: y - flagRow / 2, y1: y + flagRow / 2 });
  }
}

function drawNudges({ pen, ink, view, layout, lanes, left, right, x, hits }) {
  const lane = lanes.nudges;
  for (const [k, nudge] of facts.nudges.entries()) {
    if (!known(nudge.shown_at)) continue;
    const gone = known(nudge.gone_at) ? nudge.gone_at : nudge.shown_at;
    if (nudge.shown_at > view.to || gone < view.from) continue;
    const x0 = Math.max(left + 2, x(nudge.shown_at));
    const x1 = Math.min(right, x(gone));
    pen.fillStyle = ink.ink_2;
    pen.globalAlpha = 0.5;
    pen.fillRect(x0, lane.middle + layout.size.sign + 1, Math.max(2, x1 - x0), 1.5);
    pen.globalAlpha = 1;
    nudgeSign(pen, ink, x0 + 6, lane.middle, layout.size.sign);
    const next = facts.nudges[k + 1];
    const room = (next && known(next.shown_at) ? Math.min(right, x(next.shown_at)) : right) - 4;
    label(pen, ink, nudgeText(nudge), x0 + 18, lane.middle, room - x0 - 18, layout);
    hits.push({ kind: "nudge", item: nudge, x0: x0 - 2, x1: x0 + Math.max(13, x1 - x0), y0: lane.top, y1: lane.bottom });
  }
}

/** Draw both rates with their standard errors, over the zone in which the agent keeps the customer's pace. */
function drawRates(scene) {
  const { pen, ink, layout, lanes, left, right, over, hits } = scene;
  const lane = lanes.rates;
  const { y, step } = rateScale(lane, rateRange);
  pen.lineWidth = 1;
  for (let rate = rateRange.low; rate <= rateRange.high; rate += step) {
    pen.strokeStyle = rate === rateRange.low ? ink.rule : ink.rule_2;
    pen.beginPath();
    pen.moveTo(left, Math.round(y(rate)) + 0.5);
    pen.lineTo(over, Math.round(y(rate)) + 0.5);
    pen.stroke();
  }
  pen.save();
  pen.beginPath();
  pen.rect(left, lane.top, right - left, lane.height);
  pen.clip();
  if (twoSided && inStep) {
    pen.fillStyle = ink.zone;
    pen.globalAlpha = 0.11;
    pen.fill(bandPath("customer", scene, (rate) => [y(rate * inStep.low), y(rate * inStep.high)]));
    pen.globalAlpha = 1;
  }
  for (const side of [...SIDES].reverse()) {
    pen.fillStyle = ink[side];
    pen.globalAlpha = 0.2;
    pen.fill(bandPath(side, scene, (rate, error) => [y(rate - (error || 0)), y(rate + (error || 0))]));
    pen.globalAlpha = 1;
    pen.strokeStyle = ink[side];
    pen.lineWidth = layout.printed ? 1.1 : 1.8;
    pen.lineJoin = "round";
    if (side === "customer") pen.setLineDash([6, 3]);
    pen.stroke(curvePath(side, scene, y));
    pen.setLineDash([]);
  }
  pen.restore();
  hits.push({ kind: "rates", x0: left, x1: right, y0: lane.top, y1: lane.bottom });
}

/** Write syllables/s on the left, and on the right characters a minute where these are read. */
function drawRateAxis({ pen, ink, layout, lanes, left, right }) {
  const { y, step } = rateScale(lanes.rates, rateRange);
  pen.font = font(ink, layout.size.small);
  pen.fillStyle = ink.ink_2;
  for (let rate = rateRange.low; rate <= rateRange.high; rate += step) {
    pen.textAlign = "right";
    pen.fillText(String(rate), left - 6, y(rate));
    pen.textAlign = "left";
    if (layout.inCharacters) pen.fillText(String(rate * 60), right + 6, y(rate));
  }
  if (layout.inCharacters) pen.fillText(t("unit.characters_per_min", { n: "" }).trim(), right + 6, lanes.rates.top - 11);
}

/** Return the line through a side's rates. */
function curvePath(side, scene, y) {
  const path = new Path2D();
  for (const run of rateRuns(facts.rates[side], { ...scene, breaks: facts.holds })) {
    run.forEach(([at, rate], k) => (k ? path.lineTo(scene.x(at), y(rate)) : path.moveTo(scene.x(at), y(rate))));
    if (run.length === 1) path.lineTo(scene.x(run[0][0]) + 2, y(run[0][1]));
  }
  return path;
}

/** Return the area between two edges along a side's rates. */
function bandPath(side, scene, edges) {
  const path = new Path2D();
  for (const run of rateRuns(facts.rates[side], { ...scene, breaks: facts.holds })) {
    const points = run.map(([at, rate, error]) => [scene.x(at), ...edges(rate, error)]);
    points.forEach(([px, low], k) => (k ? path.lineTo(px, low) : path.moveTo(px, low)));
    for (const [px, , high] of points.reverse()) path.lineTo(px, high);
    path.closePath();
  }
  return path;
}
