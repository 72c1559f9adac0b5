// Where the lanes of the timeline are, in pixels, and the grid of its time axis.

const SCREEN = { axis: 20, flagRow: 22, nudges: 20, voice: 62, between: 40, tempo: 20, rates: 138, gaps: [2, 8, 8, 12], text: 12, small: 11, sign: 6 };
const PAPER = { axis: 14, flagRow: 15, nudges: 14, voice: 26, between: 26, tempo: 12, rates: 50, gaps: [1, 2, 4, 7], text: 8.5, small: 8, sign: 4.5 };

const NARROW = 860; // pixels: below it the names of the lanes get less room
const CLOSEST_TICKS = 72; // pixels between two times on the axis
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]; // seconds

/**
 * Return the place of each lane from top to bottom; `left` and `right` bound the time axis.
 *
 * `shown` says which lanes there are: flags, nudges, agent, customer, between (both sides), tempo, rates.
 */
export function layoutFor(width, { shown, flagRows, printed = false, inCharacters = false }) {
  const size = printed ? PAPER : SCREEN;
  const layout = {
    width, left: width < NARROW ? 86 : 118, right: width - (inCharacters && shown.rates ? 40 : 12), lanes: {}, size, printed, flagRows, inCharacters,
  };
  let y = 0;
  const lane = (name, height, gap = 0) => {
    y += gap;
    layout.lanes[name] = { top: y, bottom: y + height, middle: y + height / 2, height };
    y += height;
  };
  lane("axis", size.axis);
  if (shown.flags) lane("flags", flagRows * size.flagRow + 2, size.gaps[0]);
  if (shown.nudges) lane("nudges", size.nudges);
  if (shown.agent) lane("agent", size.voice, size.gaps[1]);
  if (shown.between) lane("between", size.between);
  if (shown.customer) lane("customer", size.voice, shown.between ? 0 : size.gaps[1]);
  if (shown.tempo) lane("tempo", size.tempo, size.gaps[2]);
  if (shown.rates) lane("rates", size.rates, size.gaps[3]);
  layout.height = y + 8;
  return layout;
}

/** Return the step of the time axis, the shortest whose marks are far enough apart. */
export const axisStep = (perSecond) => STEPS.find((step) => step * perSecond >= CLOSEST_TICKS) || 3600;

/** Return the instants marked on the axis, up to the end of the view or of the call. */
export function axisTimes(view, step, duration) {
  const last = Math.min(view.to, duration) + 1e-9;
  const times = [];
  for (let k = Math.max(0, Math.ceil(view.from / step - 1e-9)); k * step <= last; k += 1) times.push(k * step);
  return times;
}
