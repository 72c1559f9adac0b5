// Which rows of a long table are near the screen.

const BEYOND = 8; // rows above and below the screen that are made as well

/** Return the first row to make and the one behind the last, for a table that begins at `top`, in pixels of the screen. */
export function rowWindow({ top, height, rowHeight, n }) {
  const first = Math.max(0, Math.floor(-top / rowHeight) - BEYOND);
  const end = Math.min(n, Math.ceil((height - top) / rowHeight) + BEYOND);
  return { first: Math.min(first, n), end: Math.max(Math.min(first, n), end) };
}
