// The timeline for paper: in rows, and light whatever theme the screen has.

import { duration, flags, within } from "./call.js";
import { inkOf, penOn } from "../shared/canvas.js";
import { make } from "../shared/elements.js";
import { callLayout, drawLanes } from "./lanes.js";
import { paperRows } from "./paper_rows.js";

const WIDTH = 700; // pixels of an A4 page between its margins
const SCALE = 3; // dots a pixel
const MOST_FLAG_ROWS = 3;

/** Return the rows as drawings, with the colours of the element they are put into. */
export function printRows(place) {
  const ink = inkOf(place);
  return paperRows(duration).map((view) => {
    const flagRows = Math.min(MOST_FLAG_ROWS, Math.max(1, within(flags, view.from, view.to).length));
    const layout = callLayout(WIDTH, { printed: true, flagRows });
    const canvas = make("canvas");
    drawLanes(penOn(canvas, WIDTH, layout.height, { detached: true, scale: SCALE }), ink, view, layout);
    return make("figure", {}, canvas);
  });
}
