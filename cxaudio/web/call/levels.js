// Level and speech of a side on grids that are quick to draw at any zoom.

import { known } from "../shared/numbers.js";

export const NO_LEVEL = -90; // dBov: a lower level is drawn as nothing
const BLOCK_LEVEL = -26; // dBov: height of speech whose level is not known
const MOST_IN_COARSEST = 256; // values in the last row of a pyramid

/** Decode whole dBov from base64. */
export function decodeLevels(text) {
  const bytes = atob(text);
  const levels = new Int8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) levels[i] = bytes.charCodeAt(i);
  return levels;
}

/** Return the share of each step of a grid that lies inside the spans [start, end, start, end, ...]. */
function sharesOf(spans, step, n) {
  const share = new Float32Array(n);
  for (let k = 0; k + 1 < spans.length; k += 2) {
    const first = Math.max(0, Math.floor(spans[k] / step));
    const last = Math.min(n - 1, Math.ceil(spans[k + 1] / step) - 1);
    for (let i = first; i <= last; i += 1) {
      const inside = Math.min(spans[k + 1], (i + 1) * step) - Math.max(spans[k], i * step);
      share[i] = Math.min(1, share[i] + Math.max(0, inside) / step);
    }
  }
  return share;
}

/** Return a row of half the length: means of pairs, the level inside speech weighted by the speech. */
function halved({ step, all, spoken, share }) {
  const half = Math.ceil(all.length / 2);
  const row = { step: step * 2, all: new Float32Array(half), spoken: new Float32Array(half), share: new Float32Array(half) };
  for (let i = 0; i < half; i += 1) {
    const a = 2 * i;
    const b = Math.min(a + 1, all.length - 1);
    const [p, q] = [share[a], share[b]];
    row.all[i] = (all[a] + all[b]) / 2;
    row.spoken[i] = p + q > 0 ? (p * spoken[a] + q * spoken[b]) / (p + q) : NO_LEVEL;
    row.share[i] = (p + q) / 2;
  }
  return row;
}

/**
 * Return rows of level and speech, each half as long as the one before: `all` is the mean level, `spoken` the mean level
 * inside speech, `share` the share of speech. A column of the screen then reads two or three values at any zoom.
 *
 * `levels` holds a value every `step` seconds; null: speech is drawn as blocks of one height.
 */
export function levelPyramid({ levels, step, spans, duration }) {
  const n = Math.max(1, Math.ceil(duration / step));
  const all = new Float32Array(n).fill(NO_LEVEL);
  if (levels) levels.subarray(0, n).forEach((level, i) => { all[i] = Math.max(NO_LEVEL, level); });
  const share = sharesOf(spans, step, n);
  if (!levels) share.forEach((part, i) => { if (part > 0) all[i] = BLOCK_LEVEL; });
  const rows = [{ step, all, spoken: all, share }];
  while (rows.at(-1).all.length > MOST_IN_COARSEST) rows.push(halved(rows.at(-1)));
  return rows;
}

/** Return the row with the longest step that is not longer than `span` seconds, or else the finest. */
export function rowFor(rows, span) {
  let row = rows[0];
  for (const next of rows) if (next.step <= span) row = next;
  return row;
}

/**
 * Return the levels at the foot and the top of a lane, the same for both sides so that heights can be compared: from a
 * little under the noise to the loudest speech. `finest` are the finest rows of the sides, `noises` their noise in dBov.
 */
export function levelScale(finest, noises) {
  let top = -60;
  for (const { all, share } of finest) {
    for (let i = 0; i < all.length; i += 1) if (share[i] > 0 && all[i] > top) top = all[i];
  }
  const measured = noises.filter(known);
  const floor = Math.min(-40, Math.max(-75, measured.length ? Math.min(...measured) : -60));
  return { floor, top: Math.max(floor + 20, Math.min(0, top + 1)) };
}

/** Return the height of a level in its lane, 0 to 1. */
export const levelHeight = (level, { floor, top }) => Math.min(1, Math.max(0, (level - floor) / (top - floor)));

/** Return the level at an instant, or null where there is no sound. */
export function levelAt(row, s) {
  const level = row.all[Math.floor(s / row.step)];
  return level === undefined || level <= NO_LEVEL ? null : level;
}

/** Return the mean level, the mean level inside speech and the share of speech between two instants; null beyond the row. */
export function columnOf(row, from, to) {
  const first = Math.max(0, Math.floor(from / row.step));
  const last = Math.min(row.all.length - 1, Math.max(first, Math.ceil(to / row.step) - 1));
  if (first >= row.all.length) return null;
  let all = 0;
  let spoken = 0;
  let share = 0;
  for (let i = first; i <= last; i += 1) {
    all += row.all[i];
    spoken += row.spoken[i] * row.share[i];
    share += row.share[i];
  }
  const n = last - first + 1;
  return { all: all / n, spoken: share > 0 ? spoken / share : NO_LEVEL, share: share / n };
}

/** Return the level at an instant on the straight line between the middles of two steps. */
export function levelBetween(row, s) {
  const place = s / row.step - 0.5;
  const first = Math.max(0, Math.min(row.all.length - 1, Math.floor(place)));
  const last = Math.min(row.all.length - 1, first + 1);
  const part = Math.min(1, Math.max(0, place - first));
  return row.all[first] * (1 - part) + row.all[last] * part;
}
