// Lowest and highest samples of a call in equal parts, as the server sends them, and what of them a view needs.

export const MOST_BINS = 4000; // that the server computes at once
const WIDER = 0.5; // of the view's length are asked for on both sides of it, so that it can be moved a little
const LOUD = 0.98; // share of the parts that fits into a lane; what is louder is cut off at its edge
const LEAST_LOUD = 0.02; // full scale 1: a lane never shows less, so that silence is not drawn as sound

/** Decode signed bytes from base64. */
function signed(text) {
  const bytes = atob(text);
  const values = new Int8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) values[i] = bytes.charCodeAt(i);
  return values;
}

/** Return peaks.json as { from, to, step, sides: { agent: { low, high } } }, with bytes and the `unit` that one of them stands for. */
export function partOf(answer) {
  const sides = Object.fromEntries(Object.entries(answer.sides).map(([side, { peak, low, high }]) => (
    [side, { unit: peak / 127, low: signed(low), high: signed(high) }]
  )));
  return { from: answer.from_s, to: answer.to_s, step: (answer.to_s - answer.from_s) / answer.n, n: answer.n, sides };
}

/** Return the lowest and the highest sample of a side between two instants, full scale 1; null where the part does not reach. */
export function extremesBetween(part, side, from, to) {
  const { unit, low, high } = part.sides[side];
  const first = Math.floor((from - part.from) / part.step + 1e-6);
  if (first < 0 || first >= part.n) return null;
  const last = Math.min(part.n - 1, Math.max(first, Math.ceil((to - part.from) / part.step - 1e-6) - 1));
  let lowest = low[first];
  let highest = high[first];
  for (let i = first + 1; i <= last; i += 1) {
    if (low[i] < lowest) lowest = low[i];
    if (high[i] > highest) highest = high[i];
  }
  return [lowest * unit, highest * unit];
}

/** Return the amplitude that fills a lane, the same for both sides so that they can be compared. */
export function loudest(part) {
  let loud = LEAST_LOUD;
  for (const { unit, low, high } of Object.values(part.sides)) {
    const sizes = Array.from(high, (value, i) => Math.max(value, -low[i])).sort((a, b) => a - b);
    loud = Math.max(loud, unit * sizes[Math.floor(LOUD * (sizes.length - 1))]);
  }
  return Math.min(1, loud);
}

/** Return whether a part shows a view as sharply as `columns` of the screen can; `finest` is the length of a sample in seconds. */
export function isSharp(part, view, columns, finest) {
  return reaches(part, view) && part.step <= Math.max((view.to - view.from) / columns, finest) * 1.001;
}

/** Return whether a part reaches over all of a view. */
export function reaches(part, view) {
  return part.from <= view.from + 1e-6 && part.to >= view.to - 1e-6;
}

/** Return the stretch and the number of parts to ask for, for a view of so many columns. */
export function wanted(view, columns, duration) {
  const length = view.to - view.from;
  const from = Math.max(0, view.from - WIDER * length);
  const to = Math.min(duration, view.to + WIDER * length);
  const n = Math.ceil((columns * (to - from)) / length);
  if (n <= MOST_BINS) return { from, to, n };
  return { ...view, n: Math.min(columns, MOST_BINS) };
}

/** Return the sharpest of some parts that reach over a view, or the first. */
export function sharpest(parts, view) {
  const reaching = parts.filter((part) => reaches(part, view));
  return reaching.reduce((best, part) => (part.step < best.step ? part : best), reaching[0] ?? parts[0]);
}
