// Stretches of time within a call.

import { known } from "../shared/numbers.js";

/** Return where an item ends: one that was still going on ends with the call. */
export const endOf = (item, duration) => (known(item.end) ? item.end : known(item.start) ? duration : 0);

/** Return how long an item lasts, or null where an end is missing. */
export const lengthOf = (item) => (known(item.end) && known(item.start) ? item.end - item.start : null);

/** Return the items that touch the time between `from` and `to`. */
export const touching = (items, from, to, duration) => items.filter((item) => known(item.start) && item.start <= to && endOf(item, duration) >= from);

/** Return whether an instant is inside one of the spans, given as [start, end, start, end, ...] in order. */
export function insideSpans(spans, s) {
  let low = 0;
  let high = spans.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (spans[2 * middle + 1] <= s) low = middle + 1;
    else if (spans[2 * middle] > s) high = middle - 1;
    else return true;
  }
  return false;
}
