// The order of the calls. Equal ones, and without a column all, stay in the order "worst first" of their numbers.

/** Compare numbers; NaN comes last whichever way the order goes. */
function byNumber(values, down) {
  const sign = down ? -1 : 1;
  return (a, b) => {
    const [x, y] = [values[a], values[b]];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || a - b;
    return sign * (x - y) || a - b;
  };
}

/** Return a rank for each text, as the language sorts them; NaN for what is empty. */
export function textRanks(texts, language) {
  const collator = new Intl.Collator(language, { numeric: true });
  const different = [...new Set(texts)].filter((text) => text !== null && text !== "").sort(collator.compare);
  const ranks = new Map(different.map((text, k) => [text, k]));
  return Float64Array.from(texts, (text) => ranks.get(text) ?? NaN);
}

/** Return calls in another order: by values (see `textRanks` for texts), or worst first where there are none. */
export const ordered = (calls, values, down) => (values ? [...calls].sort(byNumber(values, down)) : calls);

/** Return the next order after a click on a column: its own first direction, then the other one, then worst first. */
export function nextOrder(before, column, downFirst) {
  if (before.column !== column) return { column, down: downFirst };
  return before.down === downFirst ? { column, down: !downFirst } : { column: "", down: false };
}
