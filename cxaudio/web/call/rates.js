// Estimates of a side's rate over the call: { at, rate, error } in columns.

import { known } from "../shared/numbers.js";

export const LONGEST_GAP = 30; // seconds: across a longer gap no line is drawn and no rate is read

/** Return whether a stretch of `breaks` begins or goes on between two instants: a rate from before it is not that after it. */
const isBroken = (breaks, from, to) => breaks.some((each) => each.start < to && (known(each.end) ? each.end : Infinity) > from);

/** Return rate and error at an instant, between the estimates around it; null where the rate is not known, or in `breaks`. */
export function rateAt({ at, rate, error }, s, breaks = []) {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] <= s) low = middle + 1;
    else high = middle;
  }
  const before = low - 1;
  if (before < 0 || !known(rate[before]) || s - at[before] > LONGEST_GAP || isBroken(breaks, at[before], s)) return null;
  const joined = low < at.length && known(rate[low]) && at[low] - at[before] <= LONGEST_GAP && !isBroken(breaks, at[before], at[low]);
  if (!joined) return { rate: rate[before], error: error[before] };
  const share = (s - at[before]) / (at[low] - at[before] || 1);
  return {
    rate: rate[before] + share * (rate[low] - rate[before]),
    error: known(error[before]) ? error[before] : null,
  };
}

/** Return the whole rates between which all estimates lie with their errors; null where there are none. */
export function rateRangeOf(sides) {
  let low = Infinity;
  let high = -Infinity;
  for (const { rate, error } of sides) {
    rate.forEach((value, i) => {
      if (!known(value)) return;
      low = Math.min(low, value - (error[i] || 0));
      high = Math.max(high, value + (error[i] || 0));
    });
  }
  if (low > high) return null;
  return { low: Math.max(0, Math.floor(low - 0.3)), high: Math.ceil(high + 0.3) };
}

/** Return the height of a rate in its lane, and the step between two grid lines. */
export function rateScale(lane, range) {
  const scale = (lane.height - 8) / (range.high - range.low);
  return { y: (rate) => lane.bottom - 4 - (rate - range.low) * scale, step: scale < 16 ? 2 : 1 };
}

/** Yield runs of [at, rate, error] near the view: a run ends at a gap or at one of `breaks`, and lies no closer than the pixels. */
export function* rateRuns({ at, rate, error }, { view, perSecond, breaks = [] }) {
  const margin = LONGEST_GAP + 1;
  const closest = 0.8 / perSecond;
  let run = [];
  let last = -Infinity;
  for (let i = 0; i < at.length; i += 1) {
    if (at[i] < view.from - margin) continue;
    if (at[i] > view.to + margin) break;
    if (!known(rate[i]) || at[i] - last > LONGEST_GAP || isBroken(breaks, last, at[i])) {
      if (run.length) yield run;
      run = [];
      if (!known(rate[i])) {
        last = -Infinity;
        continue;
      }
    } else if (at[i] - last < closest) continue;
    run.push([at[i], rate[i], error[i]]);
    last = at[i];
  }
  if (run.length) yield run;
}
