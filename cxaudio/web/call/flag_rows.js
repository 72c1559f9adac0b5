// Rows and room for the flags of the timeline.

const BY_WEIGHT = ["severe", "flag", "note"];

/**
 * Give each flag a row and the room for its name. The more severe choose first and keep room for their names; notes take
 * what is left. Where all rows are taken the sign is drawn in the last one, without a name.
 *
 * `marks` hold { flag, x0, x1, sign, textWidth }: the stretch in pixels, the width of the sign and of the name. They come
 * back with `row` and `room`, the pixels for the name (0: none).
 */
export function placeFlags(marks, { right, n }) {
  const places = marks.map((mark) => ({ ...mark, row: 0, room: 0 }));
  const taken = Array.from({ length: n }, () => []);
  const free = (row, from, to) => taken[row].every((other) => to <= other.x0 - 6 || from >= Math.max(other.x1, other.x0 + other.sign) + 4);
  const weight = ({ flag }) => BY_WEIGHT.indexOf(flag.severity);
  for (const place of [...places].sort((a, b) => weight(a) - weight(b) || a.x0 - b.x0)) {
    const bare = Math.max(place.x1, place.x0 + place.sign);
    const named = Math.max(bare, place.x0 + place.sign + place.textWidth + 10);
    let row = taken.findIndex((_, k) => free(k, place.x0, named));
    if (row < 0) row = taken.findIndex((_, k) => free(k, place.x0, bare));
    if (row < 0) row = n - 1;
    place.row = row;
    // The name takes its room too, so that no later sign is drawn over it.
    taken[row].push({ x0: place.x0, x1: free(row, place.x0, named) ? named : bare, sign: place.sign });
  }
  for (const place of places) {
    const others = places.filter((other) => other !== place && other.row === place.row);
    const next = Math.min(right, ...others.filter((other) => other.x0 >= place.x0).map((other) => other.x0));
    const inside = others.some((other) => other.x0 < place.x0 && Math.max(other.x1, other.x0 + other.sign) > place.x0);
    place.room = inside ? 0 : next - place.x0 - place.sign - 4;
  }
  return places;
}
