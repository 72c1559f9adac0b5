// Draws a stretch of the call as lanes under one another; the same strokes serve the screen and the print.

const FLAG_ROWS = flags.length > 6 ? 3 : flags.length > 1 ? 2 : 1;

/** Heights of the lanes on the screen and on paper, in pixels. */
const SCREEN = { axis: 20, flagRow: 22, nudges: 20, voice: 62, between: 40, tempo: 20, rates: 138, gaps: [2, 8, 8, 12], text: 12, small: 11, sign: 6 };
const PAPER = { axis: 14, flagRow: 15, nudges: 14, voice: 26, between: 26, tempo: 12, rates: 50, gaps: [1, 2, 4, 7], text: 8.5, small: 8, sign: 4.5 };

/** Where each lane lies, in pixels; `left` and `right` bound the time axis. */
function layoutFor(width, { printed = false, flagRows = FLAG_ROWS } = {}) {
  const size = printed ? PAPER : SCREEN;
  const narrow = width < 860;
  const inCharacters = language !== "en" || String(facts.call.language || "").startsWith("zh");
  const layout = { width, left: narrow ? 86 : 118, right: width - (inCharacters && rateRange ? 40 : 12), lanes: {}, size, flagRows, inCharacters };
  let y = 0;
  const lane = (name, height, gap = 0) => {
    y += gap;
    layout.lanes[name] = { top: y, bottom: y + height, middle: y + height / 2, height };
    y += height;
  };
  lane("axis", size.axis);
  if (flags.length || twoSided) lane("flags", flagRows * size.flagRow + 2, size.gaps[0]);
  if (facts.nudges.length) lane("nudges", size.nudges);
  if (present("agent")) lane("agent", size.voice, size.gaps[1]);
  if (twoSided) lane("between", size.between);
  if (present("customer")) lane("customer", size.voice, twoSided ? 0 : size.gaps[1]);
  if (twoSided && facts.tempo.length) lane("tempo", size.tempo, size.gaps[2]);
  if (rateRange) lane("rates", size.rates, size.gaps[3]);
  layout.height = y + 8;
  return layout;
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Draws everything that stands still, and returns what can be pointed at. */
function drawLanes(pen, ink, view, layout) {
  const { left, right, lanes } = layout;
  const perSecond = (right - left) / (view.to - view.from);
  const x = (s) => left + (s - view.from) * perSecond;
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
  if (lanes.agent || lanes.customer) drawHoldsAndDropouts(scene);
  if (lanes.between) drawBetween(scene);
  if (lanes.tempo) drawTempo(scene);
  if (lanes.flags) drawFlags(scene);
  if (lanes.nudges) drawNudges(scene);
  pen.restore();
  drawNames(scene);
  if (lanes.rates) drawRateAxis(scene);
  return { hits, x, time: (px) => view.from + (px - left) / perSecond, layout, view };
}

const font = (ink, size, weight = 400) => `${weight} ${size}px ${ink.font}`;

function drawAxis({ pen, ink, view, layout, lanes, left, over, perSecond, x }) {
  const step = STEPS.find((candidate) => candidate * perSecond >= 72) || 3600;
  pen.font = font(ink, layout.size.small);
  pen.lineWidth = 1;
  const last = Math.min(view.to, duration) + 1e-9;
  for (let k = Math.ceil(view.from / step - 1e-9); k * step <= last; k += 1) {
    const at = Math.round(x(k * step)) + 0.5;
    pen.strokeStyle = ink.rule_2;
    pen.beginPath();
    pen.moveTo(at, lanes.axis.bottom);
    pen.lineTo(at, layout.height - 8);
    pen.stroke();
    const text = clock(k * step, step < 1);
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
    const [first, second] = broken(pen, text, width);
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
  name(lanes.agent, SideWord("agent"), ink.agent_ink, 600, facts.levels ? t("lane.level_unit") : "");
  name(lanes.customer, SideWord("customer"), ink.customer_ink, 600, facts.levels ? t("lane.level_unit") : "");
  name(lanes.tempo, t("lane.tempo"), ink.ink, 500);
  name(lanes.rates, t("lane.rates"), ink.ink, 500, t("lane.rates_unit"));
}

/** A name in one line, or in two where it is too wide for one. */
function broken(pen, text, width) {
  if (pen.measureText(text).width <= width) return [text];
  const cuts = [...text.matchAll(/\s/g)].map((match) => match.index);
  const at = cuts.findLast((cut) => pen.measureText(text.slice(0, cut)).width <= width);
  return at === undefined ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Level of a side, the agent's growing up from the middle of the timeline, the customer's growing down. */
function drawVoice({ pen, ink, view, layout, lanes, left, right, perSecond, hits }, side) {
  const lane = lanes[side];
  const up = side === "agent" || !twoSided;
  const base = up ? lane.bottom - 5 : lane.top + 5;
  const room = lane.height - 7;
  const row = rowFor(side, 1 / perSecond);
  const wide = row.step * perSecond > 1.5; // values are wider than a pixel: draw the slopes between them
  const quiet = new Path2D();
  const spoken = [0.25, 0.5, 0.75, 1].map(() => new Path2D());
  for (let px = left; px < right; px += 1) {
    const from = view.from + (px - left) / perSecond;
    const to = from + 1 / perSecond;
    if (to <= 0 || from >= duration) continue;
    let first = Math.max(0, Math.floor(from / row.step));
    let last = Math.min(row.all.length - 1, Math.max(first, Math.ceil(to / row.step) - 1));
    if (first >= row.all.length) continue;
    let all = 0;
    let loud = 0;
    let share = 0;
    if (wide) {
      const place = (from + to) / 2 / row.step - 0.5;
      first = Math.max(0, Math.min(row.all.length - 1, Math.floor(place)));
      last = Math.min(row.all.length - 1, first + 1);
      const part = Math.min(1, Math.max(0, place - first));
      all = row.all[first] * (1 - part) + row.all[last] * part;
      loud = all;
      share = speakingAt(side, (from + to) / 2) ? 1 : 0;
    } else {
      for (let i = first; i <= last; i += 1) {
        all += row.all[i];
        loud += row.spoken[i] * row.share[i];
        share += row.share[i];
      }
      all /= last - first + 1;
      loud = share > 0 ? loud / share : NO_LEVEL;
      share /= last - first + 1;
    }
    const tall = levelHeight(all) * room;
    if (tall >= 0.5 && share < 0.95) quiet.rect(px, up ? base - tall : base, 1, tall);
    if (share > 0.02) {
      const height = Math.max(2, levelHeight(loud) * room);
      spoken[Math.min(3, Math.floor(share * 4))].rect(px, up ? base - height : base, 1, height);
    }
  }
  pen.fillStyle = ink.ink_3;
  pen.globalAlpha = 0.22;
  pen.fill(quiet);
  pen.fillStyle = ink[side];
  spoken.forEach((path, k) => {
    pen.globalAlpha = [0.34, 0.55, 0.78, 0.92][k];
    pen.fill(path);
  });
  pen.globalAlpha = 1;
  drawTurns({ pen, ink, view, lane, up, base, perSecond, left, right }, side);
  hits.push({ kind: "voice", side, x0: left, x1: right, y0: lane.top, y1: lane.bottom });
}

/** A line under the speech for as long as the side holds the floor. */
function drawTurns({ pen, ink, view, up, base, perSecond, left, right }, side) {
  const y = up ? base + 1 : base - 3;
  pen.fillStyle = ink[side];
  const line = new Path2D();
  for (const turn of within(facts.turns, view.from, view.to)) {
    if (turn.side !== side) continue;
    const x0 = Math.max(left - 4, left + (turn.start - view.from) * perSecond);
    const x1 = Math.min(right + 4, left + (end(turn) - view.from) * perSecond);
    // A hair's breadth is left free, so that one turn can be told from the next.
    line.rect(x0, y, Math.max(1, x1 - x0 - (x1 - x0 > 6 ? 1.5 : 0)), 2);
  }
  pen.fill(line);
}

function drawHoldsAndDropouts({ pen, ink, view, layout, lanes, left, right, x, hits }) {
  const { top } = lanes.agent || lanes.customer;
  const { bottom } = lanes.customer || lanes.agent;
  const middle = (top + bottom) / 2;
  const stretch = (item) => {
    const x0 = Math.max(left - 2, x(item.start));
    const x1 = Math.min(right + 2, x(end(item)));
    return [x0, Math.max(2, x1 - x0)];
  };
  for (const hold of within(facts.holds, view.from, view.to)) {
    const [x0, width] = stretch(hold);
    pen.fillStyle = ink.paper;
    pen.globalAlpha = 0.6;
    pen.fillRect(x0, top, width, bottom - top);
    pen.globalAlpha = 0.16;
    pen.fillStyle = ink.ink_3;
    pen.fillRect(x0, top, width, bottom - top);
    pen.globalAlpha = 1;
    pen.strokeStyle = ink.ink_3;
    pen.lineWidth = 1;
    pen.setLineDash([4, 3]);
    pen.strokeRect(x0 + 0.5, top + 0.5, width - 1, bottom - top - 1);
    pen.setLineDash([]);
    label(pen, ink, holdWord(hold), x0 + 5, middle, width - 10, layout, true);
    hits.push({ kind: "hold", item: hold, x0, x1: x0 + width, y0: top, y1: bottom });
  }
  for (const dropout of within(facts.dropouts, view.from, view.to)) {
    const [x0, width] = stretch(dropout);
    const y0 = twoSided && dropout.side === "customer" ? middle : top;
    const y1 = twoSided && dropout.side === "agent" ? middle : bottom;
    pen.fillStyle = ink.paper;
    pen.fillRect(x0, y0, width, y1 - y0);
    hatch(pen, x0, y0, width, y1 - y0, ink.ink_2, 1, 4);
    hatch(pen, x0, y0, width, y1 - y0, ink.ink_2, -1, 4);
    hits.push({ kind: "dropout", item: dropout, x0: x0 - 2, x1: x0 + width + 2, y0, y1 });
  }
}

const holdWord = (hold) => (has("hold." + hold.kind) ? t("hold." + hold.kind) : t("hold.hold"));

/** Text where there is room for it; `backed` lays paper under it. */
function label(pen, ink, text, x, y, room, layout, backed = false, colour = ink.ink_2) {
  pen.font = font(ink, layout.size.text - 0.5);
  const { width } = pen.measureText(text);
  if (width > room) return 0;
  if (backed) {
    pen.fillStyle = ink.paper;
    pen.globalAlpha = 0.86;
    pen.fillRect(x - 3, y - layout.size.text * 0.66, width + 6, layout.size.text * 1.32);
    pen.globalAlpha = 1;
  }
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
  return width;
}

/** Between the voices: what the agent did lies in the upper half, what the customer did in the lower. */
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
      pen.fillStyle = colour; // a firm edge on the side that owes
      pen.fillRect(x0, owed === "agent" ? y0 : y1 - 2, width, 2);
    }
    const text = `${t("silence.short_" + (owed || "nobody"))} ${seconds(end(silence) - silence.start)}`;
    label(pen, ink, text, x0 + 7, (y0 + y1) / 2, width - 12, layout, true);
    hits.push({ kind: "silence", item: silence, x0: x0 - 1, x1: x0 + width + 1, y0, y1 });
  }
  const marks = within(facts.overlaps, view.from, view.to);
  // Where signs of listening stand too close to be told apart they shrink to ticks.
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
    const state = has("tempo." + stretch.state) ? stretch.state : "unknown";
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
    const room = label(pen, ink, t("tempo." + state), x0 + 7, lane.middle, x1 - x0 - 14, layout, false, ink.ink);
    const texture = x0 + (room ? room + 16 : 4);
    if (x1 - texture > 6) tempoTexture(pen, ink, state, texture, lane.top, x1 - texture - 4, lane.height);
    hits.push({ kind: "tempo", item: stretch, x0, x1, y0: lane.top, y1: lane.bottom });
  }
}

function drawFlags({ pen, ink, view, layout, lanes, left, right, x, hits }) {
  const { flagRow, text: size } = layout.size;
  pen.font = font(ink, size);
  const places = placeFlags(within(flags, view.from, view.to), { pen, left, right, x, layout });
  for (const { flag, row, x0, x1, sign, text, room } of places) {
    const note = flag.severity === "note";
    const y = lanes.flags.top + row * flagRow + flagRow / 2;
    pen.fillStyle = note ? ink.ink_3 : ink.alarm;
    pen.globalAlpha = note ? 0.5 : 0.9;
    pen.fillRect(x0, y + flagRow / 2 - 3, x1 - x0, note ? 1.5 : flag.severity === "severe" ? 3 : 2);
    pen.globalAlpha = 1;
    for (const step of (flag.steps || []).slice(1)) { // where it grew worse
      if (known(step.at) && step.at >= view.from && step.at <= view.to) pen.fillRect(x(step.at) - 1, y + flagRow / 2 - 5, 2, 7);
    }
    severitySign(pen, ink, flag.severity, x0 + 6, y - 1, layout.size.sign - 0.5);
    const width = pen.measureText(text).width;
    const named = width + 4 <= room;
    if (named) {
      pen.fillStyle = note ? ink.ink_2 : ink.ink;
      pen.fillText(text, x0 + sign + 3, y - 1);
    }
    const used = named ? x0 + sign + width + 4 : x0 + sign;
    hits.push({ kind: "flag", item: flag, x0: x0 - 3, x1: Math.max(x1, used) + 2, y0: y - flagRow / 2, y1: y + flagRow / 2 });
  }
}

/**
 * Gives each flag a row and the room for its name. The graver choose first and keep room for their names;
 * notes take what is left. Where all rows are taken the sign is drawn all the same, without a name.
 */
function placeFlags(shown, { pen, left, right, x, layout }) {
  const places = shown.map((flag) => {
    const x0 = Math.max(left + 2, x(flag.start));
    const sign = flag.severity === "severe" ? 22 : 13;
    const text = flagTitle(flag);
    return { flag, x0, x1: Math.max(x0 + 2, Math.min(right, x(end(flag)))), sign, text, wish: pen.measureText(text).width + 10, row: 0 };
  });
  const rows = Array.from({ length: layout.flagRows }, () => []);
  const free = (row, from, to) => rows[row].every((other) => to <= other.x0 - 6 || from >= Math.max(other.x1, other.x0 + other.sign) + 4);
  const weight = ({ flag }) => ["severe", "flag", "note"].indexOf(flag.severity);
  const firmFirst = [...places].sort((a, b) => weight(a) - weight(b) || a.x0 - b.x0);
  for (const place of firmFirst) {
    const bare = Math.max(place.x1, place.x0 + place.sign);
    const named = Math.max(bare, place.x0 + place.sign + place.wish);
    let row = rows.findIndex((_, k) => free(k, place.x0, named));
    if (row < 0) row = rows.findIndex((_, k) => free(k, place.x0, bare));
    if (row < 0) row = layout.flagRows - 1;
    place.row = row;
    // The name belongs to what is taken, so that a later sign does not stand on it.
    rows[row].push({ x0: place.x0, x1: free(row, place.x0, named) ? named : bare, sign: place.sign });
  }
  for (const place of places) {
    const next = Math.min(right, ...places.filter((other) => other !== place && other.row === place.row && other.x0 >= place.x0).map((other) => other.x0));
    const inside = places.some((other) => other !== place && other.row === place.row && other.x0 < place.x0 && Math.max(other.x1, other.x0 + other.sign) > place.x0);
    place.room = inside ? 0 : next - place.x0 - place.sign - 4;
  }
  return places;
}

/** A flag in a few words: "Rushing 1.48×". */
const flagTitle = (flag) => `${t("rule." + flag.rule)} ${known(flag.measured) ? measure(flag.measured, flag.unit) : ""}`.trim();

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

/** What the agent was shown: the words of the policy in force, or else those of this page. */
function nudgeText(nudge) {
  const key = String(nudge.message_key || nudge.rule || "");
  const own = facts.settings.values?.words?.[key];
  return typeof own === "string" ? own : t(key);
}

/** Both rates with their standard errors, over the zone in which the agent keeps the customer's pace. */
function drawRates(scene) {
  const { pen, ink, layout, lanes, left, right, over, hits } = scene;
  const lane = lanes.rates;
  const { y, skip } = rateScale(lane);
  pen.lineWidth = 1;
  for (let rate = rateRange.low; rate <= rateRange.high; rate += skip) {
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
  if (twoSided) {
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
    pen.lineWidth = layout.size === PAPER ? 1.1 : 1.8;
    pen.lineJoin = "round";
    if (side === "customer") pen.setLineDash([6, 3]);
    pen.stroke(curvePath(side, scene, y));
    pen.setLineDash([]);
  }
  pen.restore();
  hits.push({ kind: "rates", x0: left, x1: right, y0: lane.top, y1: lane.bottom });
}

/** Syllables/s on the left, for Chinese readers characters a minute on the right. */
function drawRateAxis({ pen, ink, layout, lanes, left, right }) {
  const { y, skip } = rateScale(lanes.rates);
  pen.font = font(ink, layout.size.small);
  pen.fillStyle = ink.ink_2;
  for (let rate = rateRange.low; rate <= rateRange.high; rate += skip) {
    pen.textAlign = "right";
    pen.fillText(String(rate), left - 6, y(rate));
    pen.textAlign = "left";
    if (layout.inCharacters) pen.fillText(String(rate * 60), right + 6, y(rate));
  }
  if (layout.inCharacters) pen.fillText(t("unit.characters_per_min", { n: "" }).trim(), right + 6, lanes.rates.top - 11);
}

function rateScale(lane) {
  const scale = (lane.height - 8) / (rateRange.high - rateRange.low);
  return { y: (rate) => lane.bottom - 4 - (rate - rateRange.low) * scale, skip: scale < 16 ? 2 : 1 };
}

/** Runs of known estimates of a side near the view, thinned to the pixels there are. */
function* rateRuns(side, { view, perSecond }) {
  const { at, rate, error } = facts.rates[side];
  const margin = OLDEST_RATE + 1;
  const thin = 0.8 / perSecond;
  let run = [];
  let last = -Infinity;
  for (let i = 0; i < at.length; i += 1) {
    if (at[i] < view.from - margin) continue;
    if (at[i] > view.to + margin) break;
    if (!known(rate[i]) || at[i] - last > OLDEST_RATE) {
      if (run.length) yield run;
      run = [];
      if (!known(rate[i])) {
        last = -Infinity;
        continue;
      }
    } else if (at[i] - last < thin) continue;
    run.push([at[i], rate[i], error[i]]);
    last = at[i];
  }
  if (run.length) yield run;
}

function curvePath(side, scene, y) {
  const path = new Path2D();
  for (const run of rateRuns(side, scene)) {
    run.forEach(([at, rate], k) => (k ? path.lineTo(scene.x(at), y(rate)) : path.moveTo(scene.x(at), y(rate))));
    if (run.length === 1) path.lineTo(scene.x(run[0][0]) + 2, y(run[0][1]));
  }
  return path;
}

function bandPath(side, scene, edges) {
  const path = new Path2D();
  for (const run of rateRuns(side, scene)) {
    const points = run.map(([at, rate, error]) => [scene.x(at), ...edges(rate, error)]);
    points.forEach(([px, low], k) => (k ? path.lineTo(px, low) : path.moveTo(px, low)));
    for (const [px, , high] of points.reverse()) path.lineTo(px, high);
    path.closePath();
  }
  return path;
}
