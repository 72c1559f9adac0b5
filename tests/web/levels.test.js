import assert from "node:assert/strict";
import { test } from "node:test";

import {
  NO_LEVEL, columnOf, decodeLevels, levelAt, levelBetween, levelHeight, levelPyramid, levelScale, rowFor,
} from "../../cxaudio/web/call/levels.js";

const near = (actual, expected, within = 1e-4) => assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);
const pyramidOf = (levels, spans, step = 1) => levelPyramid({ levels: Int8Array.from(levels), step, spans, duration: levels.length * step });

test("levels come as signed bytes in base64", () => {
  const text = Buffer.from(Int8Array.of(-20, 0, -127).buffer).toString("base64");
  assert.deepEqual([...decodeLevels(text)], [-20, 0, -127]);
});

test("the finest row has a value a step, no lower than what is drawn as nothing", () => {
  const [row] = pyramidOf([-20, -127, -60], []);
  assert.deepEqual([...row.all], [-20, NO_LEVEL, -60]);
  assert.equal(levelAt(row, 0.5), -20);
  assert.equal(levelAt(row, 1.5), null);
  assert.equal(levelAt(row, 3), null);
});

test("speech that fills part of a step counts as that part", () => {
  const [row] = pyramidOf([-20, -20, -20, -20], [0.5, 2.25, 2.75, 3]);
  [0.5, 1, 0.5, 0].forEach((share, i) => near(row.share[i], share));
});

test("without levels, speech is drawn as blocks of one height", () => {
  const [row] = levelPyramid({ levels: null, step: 0.05, spans: [0.1, 0.15], duration: 0.25 });
  assert.deepEqual([...row.all], [NO_LEVEL, NO_LEVEL, -26, NO_LEVEL, NO_LEVEL]);
});

test("each row halves the one before until 256 values are left", () => {
  const rows = pyramidOf(new Array(1001).fill(-30), []);
  assert.deepEqual(rows.map(({ step, all }) => [step, all.length]), [[1, 1001], [2, 501], [4, 251]]);
});

test("a value of a coarser row is the mean of two, and inside speech the mean by speech", () => {
  const levels = new Array(512).fill(-40);
  levels[1] = -20;
  const [, row] = pyramidOf(levels, [0.5, 2]); // half of step 0, all of step 1
  near(row.all[0], -30);
  near(row.spoken[0], (0.5 * -40 + 1 * -20) / 1.5);
  near(row.share[0], 0.75);
  assert.equal(row.spoken[1], NO_LEVEL);
});

test("the row for a column is the coarsest whose step the column still holds", () => {
  const rows = [{ step: 0.05 }, { step: 0.1 }, { step: 0.2 }];
  assert.equal(rowFor(rows, 0.01).step, 0.05);
  assert.equal(rowFor(rows, 0.1).step, 0.1);
  assert.equal(rowFor(rows, 0.19).step, 0.1);
  assert.equal(rowFor(rows, 60).step, 0.2);
});

test("the scale goes from the lower noise to a decibel over the loudest speech", () => {
  const quietNoise = pyramidOf([-18, -30], [1, 2])[0]; // the -18 is not speech
  assert.deepEqual(levelScale([quietNoise], [-55, -62, null]), { floor: -62, top: -29 });
});

test("the scale has bounds: at least 20 dB, never above full scale, a floor between -75 and -40", () => {
  const loud = pyramidOf([-1, 0], [0, 2])[0];
  assert.deepEqual(levelScale([loud], [-90]), { floor: -75, top: 0 });
  assert.deepEqual(levelScale([], []), { floor: -60, top: -40 });
  assert.deepEqual(levelScale([], [-20]), { floor: -40, top: -20 });
});

test("heights are shares of the scale", () => {
  const scale = { floor: -60, top: -20 };
  assert.deepEqual([-70, -60, -30, -20, 0].map((level) => levelHeight(level, scale)), [0, 0, 0.75, 1, 1]);
});

test("a column takes the steps that it touches", () => {
  const [row] = pyramidOf([-20, -40, -60, -80], [1, 2]);
  assert.deepEqual(columnOf(row, 0.5, 2.5), { all: -40, spoken: -40, share: 1 / 3 });
  assert.deepEqual(columnOf(row, 2.2, 2.3), { all: -60, spoken: NO_LEVEL, share: 0 });
  assert.equal(columnOf(row, 4, 5), null);
});

test("between the middles of two steps the level is on a straight line", () => {
  const [row] = pyramidOf([-20, -40], []);
  assert.deepEqual([0, 0.5, 1, 1.25, 1.5, 2].map((s) => levelBetween(row, s)), [-20, -20, -30, -35, -40, -40]);
});
