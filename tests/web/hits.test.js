import assert from "node:assert/strict";
import { test } from "node:test";

import { hitAt } from "../../cxaudio/web/call/hits.js";

const box = (kind, x0, x1, more = {}) => ({ kind, x0, x1, y0: 0, y1: 20, item: {}, ...more });
const LANE = box("voice", 0, 1000, { item: undefined });
const HOLD = box("hold", 100, 500);
const BACKCHANNEL = box("overlap", 200, 214, { minor: true });
const OVERLAP = box("overlap", 205, 260);

test("beside every thing there is only the lane, and outside of it nothing", () => {
  assert.equal(hitAt([LANE, HOLD], 50, 10), LANE);
  assert.equal(hitAt([LANE, HOLD], 50, 20), null);
  assert.equal(hitAt([LANE, HOLD], 1001, 10), null);
});

test("a thing wins over the lane, and an overlap over a hold or a backchannel, in whatever order they were drawn", () => {
  assert.equal(hitAt([HOLD, LANE], 150, 10), HOLD);
  assert.equal(hitAt([OVERLAP, BACKCHANNEL, HOLD, LANE], 210, 10), OVERLAP);
});

test("of two equal things the one drawn later wins, as it is in front", () => {
  const later = box("overlap", 205, 260);
  assert.equal(hitAt([OVERLAP, later], 230, 10), later);
});
