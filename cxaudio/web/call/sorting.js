// Order of a table's rows by one of its columns.

import { DASH } from "../shared/numbers.js";

const missing = (value) => value === null || value === DASH;

/** Compare two cells by their `sort` value or else their text: numbers as numbers, words as the language sorts them, what is missing last. */
export function compareCells(a, b, language) {
  const [x, y] = [a.sort ?? a.text, b.sort ?? b.text];
  if (missing(x) || missing(y)) return missing(x) - missing(y);
  return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), language);
}

/** Return the next sorting after a click on a column: upwards first, downwards at the second click. */
export const nextSorting = (before, column) => ({ column, down: Boolean(before && before.column === column && !before.down) });
