import assert from "node:assert/strict";
import { test } from "node:test";

import { paperRows } from "../../cxaudio/web/call/paper_rows.js";

const shape = (duration) => {
  const rows = paperRows(duration);
  return [rows.length, rows[0].to - rows[0].from];
};

test("short calls have at most four rows, longer ones at most twelve of a minute and more", () => {
  assert.deepEqual(shape(5), [1, 20]);
  assert.deepEqual(shape(80), [4, 20]);
  assert.deepEqual(shape(81), [3, 30]);
  assert.deepEqual(shape(121), [3, 60]);
  assert.deepEqual(shape(740), [7, 120]);
  assert.deepEqual(shape(3600), [12, 300]);
  assert.deepEqual(shape(5 * 3600), [30, 600]);
});

test("rows follow one another with one scale", () => {
  assert.deepEqual(paperRows(70), [{ from: 0, to: 20 }, { from: 20, to: 40 }, { from: 40, to: 60 }, { from: 60, to: 80 }]);
});

test("a rest of less than a hundredth of a row gets no row", () => {
  assert.deepEqual(shape(80.1), [4, 20]);
  assert.deepEqual(shape(120.2), [4, 30]);
});
