// Which part of the call is seen: { from, to } in seconds, always inside the call.

export const SHORTEST_VIEW = 2; // seconds

const lengthWithin = (length, duration) => Math.min(duration, Math.max(SHORTEST_VIEW, length));
const viewFrom = (start, length, duration) => {
  const from = Math.min(Math.max(0, start), duration - length);
  return { from, to: from + length };
};

/** Return the view closest to `from` to `to`. */
export function viewOf(from, to, duration) {
  const length = lengthWithin(to - from, duration);
  return viewFrom((from + to - length) / 2, length, duration);
}

/** Return the view zoomed by a factor; the instant `about` stays in its place on the screen. */
export function zoomed({ from, to }, factor, about, duration) {
  const length = lengthWithin((to - from) / factor, duration);
  return viewFrom(about - ((about - from) / (to - from)) * length, length, duration);
}

/** Return the view moved by a number of seconds, as far as the call goes. */
export function moved({ from, to }, shift, duration) {
  const bounded = Math.min(Math.max(shift, -from), duration - to);
  return viewOf(from + bounded, to + bounded, duration);
}

/** Return the view about the instant `s`, as long as before. */
export function centred({ from, to }, s, duration) {
  const half = (to - from) / 2;
  const middle = Math.min(Math.max(s, half), duration - half);
  return viewOf(middle - half, middle + half, duration);
}

/** Return the view of a stretch with a margin on both sides. */
export function viewAround(start, stop, duration) {
  const margin = Math.max(8, 0.6 * (stop - start));
  return viewOf(start - margin, stop + margin, duration);
}

/** Return the next view once the playhead leaves this one: turned like a page, so that the picture stands still while it is read. */
export function following(view, s, duration) {
  const { from, to } = view;
  return s < from || s > to ? viewOf(s - 0.05 * (to - from), s + 0.95 * (to - from), duration) : view;
}

/** Return the view for an instant chosen in a table: closer where the whole could not be made out, moved where it is outside. */
export function viewForRow(view, s, duration) {
  const { from, to } = view;
  if (to - from > 120) return viewOf(s - 20, s + 40, duration);
  return s < from || s > to ? viewOf(s - (to - from) / 4, s + (3 * (to - from)) / 4, duration) : view;
}

/** Return the scale between instants and pixels, for a view drawn between `left` and `right`. */
export function scaleOf(view, left, right) {
  const perSecond = (right - left) / (view.to - view.from);
  return { perSecond, x: (s) => left + (s - view.from) * perSecond, time: (px) => view.from + (px - left) / perSecond };
}
