// The facts made quick to draw: levels as a pyramid, flags numbered, overlaps without doubles.

const SIDES = ["agent", "customer"];
const present = (side) => facts.present.includes(side);
// The same sound on both channels is there twice, and still tells nothing of two sides.
const twoSided = SIDES.every(present) && facts.call.two_sided !== false;
const duration = Math.max(facts.duration || 0, 1);
const end = (item) => (known(item.end) ? item.end : known(item.start) ? duration : 0);
const lengthOf = (item) => (known(item.end) && known(item.start) ? item.end - item.start : null);

const flags = facts.flags.filter((flag) => known(flag.start)).sort((a, b) => a.start - b.start);
// Where the customer's rate is the measure, the agent is in step between these shares of it.
const inStep = { low: facts.limits.low ?? 0.8, high: facts.limits.high ?? 1.25 };

const NO_LEVEL = -90; // dBov: below this a level is as good as none

function decodeLevels(text) {
  const bytes = atob(text);
  const levels = new Int8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) levels[i] = bytes.charCodeAt(i);
  return levels;
}

/**
 * Level and speech of a side on a grid, each row half as long as the one before: the mean level of all, the mean level
 * inside speech, and the share of speech. A column of the screen then reads two or three values whatever the zoom.
 */
function pyramidOf(side) {
  const given = facts.levels && facts.levels[side];
  const step = given ? facts.levels.step_s : 0.05;
  const n = Math.max(1, Math.ceil(duration / step));
  const all = new Float32Array(n).fill(NO_LEVEL);
  if (given) decodeLevels(given).subarray(0, n).forEach((level, i) => { all[i] = Math.max(NO_LEVEL, level); });
  const share = new Float32Array(n);
  const spans = facts.speech[side];
  for (let k = 0; k + 1 < spans.length; k += 2) {
    const first = Math.max(0, Math.floor(spans[k] / step));
    const last = Math.min(n - 1, Math.ceil(spans[k + 1] / step) - 1);
    for (let i = first; i <= last; i += 1) {
      const inside = Math.min(spans[k + 1], (i + 1) * step) - Math.max(spans[k], i * step);
      share[i] = Math.min(1, share[i] + Math.max(0, inside) / step);
    }
  }
  if (!given) share.forEach((part, i) => { if (part > 0) all[i] = -26; }); // nothing is known of the level: even blocks
  const rows = [{ step, all, spoken: all, share }];
  while (rows.at(-1).all.length > 256) {
    const below = rows.at(-1);
    const half = Math.ceil(below.all.length / 2);
    const row = { step: below.step * 2, all: new Float32Array(half), spoken: new Float32Array(half), share: new Float32Array(half) };
    for (let i = 0; i < half; i += 1) {
      const a = 2 * i;
      const b = Math.min(a + 1, below.all.length - 1);
      const [p, q] = [below.share[a], below.share[b]];
      row.all[i] = (below.all[a] + below.all[b]) / 2;
      row.spoken[i] = p + q > 0 ? (p * below.spoken[a] + q * below.spoken[b]) / (p + q) : NO_LEVEL;
      row.share[i] = (p + q) / 2;
    }
    rows.push(row);
  }
  return rows;
}

const pyramids = Object.fromEntries(SIDES.filter(present).map((side) => [side, pyramidOf(side)]));

/** Row of the pyramid whose step is the longest that a stretch of `span` seconds still holds. */
function rowFor(side, span) {
  const rows = pyramids[side];
  let row = rows[0];
  for (const next of rows) if (next.step <= span) row = next;
  return row;
}

// One scale of levels for both sides, so that heights can be compared: from a little under the noise to the loudest.
const levelScale = (() => {
  const noises = SIDES.map((side) => facts.sides[side].noise_dbov).filter(known);
  let top = -60;
  for (const side of SIDES.filter(present)) {
    const { all, share } = pyramids[side][0];
    for (let i = 0; i < all.length; i += 1) if (share[i] > 0 && all[i] > top) top = all[i];
  }
  const floor = Math.min(-40, Math.max(-75, noises.length ? Math.min(...noises) : -60));
  return { floor, top: Math.max(floor + 20, Math.min(0, top + 1)) };
})();
const levelHeight = (level) => Math.min(1, Math.max(0, (level - levelScale.floor) / (levelScale.top - levelScale.floor)));

function levelAt(side, s) {
  if (!facts.levels || !facts.levels[side]) return null;
  const row = pyramids[side][0];
  const level = row.all[Math.floor(s / row.step)];
  return level === undefined || level <= NO_LEVEL ? null : level;
}

const speakingAt = (side, s) => {
  const spans = facts.speech[side];
  let low = 0;
  let high = spans.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (spans[2 * middle + 1] <= s) low = middle + 1;
    else if (spans[2 * middle] > s) high = middle - 1;
    else return true;
  }
  return false;
};

const OLDEST_RATE = 30; // seconds: across a longer gap no line is drawn and no rate is read

/** Rate of a side at an instant, between the estimates round it; null where it is not known. */
function rateAt(side, s) {
  const { at, rate, error } = facts.rates[side];
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] <= s) low = middle + 1;
    else high = middle;
  }
  const before = low - 1;
  if (before < 0 || !known(rate[before]) || s - at[before] > OLDEST_RATE) return null;
  if (low >= at.length || !known(rate[low]) || at[low] - at[before] > OLDEST_RATE) return { rate: rate[before], error: error[before] };
  const share = (s - at[before]) / (at[low] - at[before] || 1);
  return {
    rate: rate[before] + share * (rate[low] - rate[before]),
    error: known(error[before]) ? error[before] : null,
  };
}

const rateRange = (() => {
  let low = Infinity;
  let high = -Infinity;
  for (const side of SIDES) {
    const { rate, error } = facts.rates[side];
    rate.forEach((value, i) => {
      if (!known(value)) return;
      low = Math.min(low, value - (error[i] || 0));
      high = Math.max(high, value + (error[i] || 0));
    });
  }
  if (low > high) return null;
  return { low: Math.max(0, Math.floor(low - 0.3)), high: Math.ceil(high + 0.3) };
})();

const tempoAt = (s) => facts.tempo.findLast((stretch) => known(stretch.start) && stretch.start <= s);

/** Items of a list sorted by start that touch the view, with a margin for their marks. */
const within = (items, from, to) => items.filter((item) => known(item.start) && item.start <= to && end(item) >= from);
