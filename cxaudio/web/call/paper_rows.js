// The timeline on paper, which has no zoom: broken into rows of the same length.

const ROW_LENGTHS = [20, 30, 60, 120, 300, 600]; // seconds
const MOST_ROWS = 12;
const MOST_SHORT_ROWS = 4; // of less than a minute

/** Return the views of the rows; all have one scale, so that a second is as wide everywhere. */
export function paperRows(duration) {
  const length = ROW_LENGTHS.find((each) => duration / each <= (each < 60 ? MOST_SHORT_ROWS : MOST_ROWS) + 0.01) || ROW_LENGTHS.at(-1);
  const rows = [];
  // A rest of less than a hundredth of a row gets no row of its own.
  for (let from = 0; from === 0 || from < duration - 0.01 * length; from += length) rows.push({ from, to: from + length });
  return rows;
}
