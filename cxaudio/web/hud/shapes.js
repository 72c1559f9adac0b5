// The shapes of the display, each in a square of 16. They differ also without colour.

const RING = "M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1zM8 3a5 5 0 1 1 0 10A5 5 0 1 1 8 3z";
const DISC = "M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1z";
const BARS = "M3 2h4v12H3zM9 2h4v12H9z";
const TRIANGLE = "M8 1l7.5 14H.5zM7.1 6v4.6h1.8V6zM7.1 11.8v1.7h1.8v-1.7z";
const CROSS = "M2 3.4L3.4 2 8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8z";
const BUBBLE = "M1 2h14v9H7l-4 4v-4H1z";
const HOLLOW_BUBBLE = BUBBLE + "M2.5 3.5v6h2v2l2-2h7v-6z";
const HOURGLASS = "M3 1h10v3L9.2 8 13 12v3H3v-3L6.8 8 3 4zM5 2.6v1L8 7l3-3.4v-1z";

export const SHAPES = {
  connecting: RING,
  waiting: RING,
  listening: DISC,
  on_hold: RING + "M8 3a5 5 0 0 0 0 10z",
  paused: BARS,
  stopped: "M2 2h12v12H2z",
  trouble: TRIANGLE,
  offline: CROSS,
  locked: CROSS,
  play: "M3 1.5L14 8 3 14.5z",
  more: "M1.5 6.5h3v3h-3zM6.5 6.5h3v3h-3zM11.5 6.5h3v3h-3z",
  recording: RING + "M8 5a3 3 0 1 0 0 6A3 3 0 1 0 8 5z",
  speaking: BUBBLE,
  silent: HOLLOW_BUBBLE,
  missing: CROSS,
  unknown: RING,
  in_step: "M1 5h14v2H1zM1 9h14v2H1z",
  faster: "M3 2l7 6-7 6z",
  much_faster: "M1 2l7 6-7 6zM8 2l7 6-7 6z",
  slower: "M13 2L6 8l7 6z",
  much_slower: "M15 2L8 8l7 6zM8 2L1 8l7 6z",
  nudge: "M1 6h7V2l7 6-7 6v-4H1z",
  praise: "M1.5 8.5L3 7l3.2 3.2L13 3.4l1.5 1.5-8.3 8.3z",
  wait: HOURGLASS,
  late: HOURGLASS,
  hold: RING + "M8 3a5 5 0 0 0 0 10z",
  plain: "M7 2h2v2H7zM7 6h2v8H7z",
};
