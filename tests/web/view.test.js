import assert from "node:assert/strict";
import { test } from "node:test";

import { centred, following, moved, scaleOf, viewAround, viewForRow, viewOf, zoomed } from "../../cxaudio/web/call/view.js";

const DURATION = 600;
const WHOLE = { from: 0, to: DURATION };

test("a view lies inside the call and is at least two seconds long", () => {
  assert.deepEqual(viewOf(10, 20, DURATION), { from: 10, to: 20 });
  assert.deepEqual(viewOf(-5, 15, DURATION), { from: 0, to: 20 });
  assert.deepEqual(viewOf(590, 630, DURATION), { from: 560, to: 600 });
  assert.deepEqual(viewOf(10, 11, DURATION), { from: 9.5, to: 11.5 });
  assert.deepEqual(viewOf(-100, 900, DURATION), WHOLE);
});

test("a call of less than two seconds is seen whole", () => {
  assert.deepEqual(viewOf(0.2, 0.4, 1), { from: 0, to: 1 });
  assert.deepEqual(zoomed({ from: 0, to: 1 }, 4, 0.5, 1), { from: 0, to: 1 });
});

test("zoom keeps the instant under the pointer in its place", () => {
  const view = zoomed({ from: 100, to: 200 }, 2, 125, DURATION);
  assert.deepEqual(view, { from: 112.5, to: 162.5 });
  assert.deepEqual(zoomed(view, 0.5, 125, DURATION), { from: 100, to: 200 });
});

test("zoom out ends at the whole call", () => {
  assert.deepEqual(zoomed({ from: 500, to: 600 }, 0.5, 550, DURATION), { from: 400, to: 600 });
  assert.deepEqual(zoomed({ from: 100, to: 500 }, 0.1, 300, DURATION), WHOLE);
});

test("a moved view keeps its length and stops at the ends", () => {
  const view = { from: 100, to: 200 };
  assert.deepEqual(moved(view, 15, DURATION), { from: 115, to: 215 });
  assert.deepEqual(moved(view, -Infinity, DURATION), { from: 0, to: 100 });
  assert.deepEqual(moved(view, Infinity, DURATION), { from: 500, to: 600 });
});

test("a click on the small picture centres the view there", () => {
  assert.deepEqual(centred({ from: 0, to: 100 }, 300, DURATION), { from: 250, to: 350 });
  assert.deepEqual(centred({ from: 0, to: 100 }, 590, DURATION), { from: 500, to: 600 });
});

test("a flag is shown with a margin of 8 s, or of six tenths of its length where that is more", () => {
  assert.deepEqual(viewAround(100, 101, DURATION), { from: 92, to: 109 });
  assert.deepEqual(viewAround(100, 200, DURATION), { from: 40, to: 260 });
});

test("the view is turned like a page once the playhead leaves it", () => {
  const view = { from: 100, to: 200 };
  assert.equal(following(view, 200, DURATION), view);
  assert.deepEqual(following(view, 201, DURATION), { from: 196, to: 296 });
  assert.deepEqual(following(view, 50, DURATION), { from: 45, to: 145 });
});

test("a row of a table is shown closer where the whole call is seen, and without zoom otherwise", () => {
  assert.deepEqual(viewForRow(WHOLE, 300, DURATION), { from: 280, to: 340 });
  const view = { from: 100, to: 200 };
  assert.equal(viewForRow(view, 150, DURATION), view);
  assert.deepEqual(viewForRow(view, 300, DURATION), { from: 275, to: 375 });
});

test("instants become pixels and pixels instants", () => {
  const { perSecond, x, time } = scaleOf({ from: 100, to: 200 }, 118, 1118);
  assert.equal(perSecond, 10);
  assert.deepEqual([x(100), x(150), x(200)], [118, 618, 1118]);
  assert.deepEqual([time(118), time(618)], [100, 150]);
});
