import assert from "node:assert/strict";
import { test } from "node:test";

import {
  MOST_BINS, extremesBetween, isSharp, loudest, partOf, reaches, sharpest, wanted,
} from "../../cxaudio/web/workbench/waveform_peaks.js";

const packed = (values) => Buffer.from(Int8Array.from(values).buffer).toString("base64");
const answerOf = (low, high, { from = 0, to = low.length, peak = 1 } = {}) => (
  { from_s: from, to_s: to, n: low.length, sides: { agent: { peak, low: packed(low), high: packed(high) } } }
);
const part = partOf(answerOf([-127, -10, 0, -64], [10, 127, 0, 64], { peak: 0.5 }));
const near = (actual, expected) => actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-9, `${actual} is not ${expected}`));

test("bytes stand for parts of the loudest sample", () => {
  near(extremesBetween(part, "agent", 0, 1), [-0.5, 0.5 * (10 / 127)]);
  near(extremesBetween(part, "agent", 2, 3), [0, 0]);
});

test("a column over several parts has the lowest and the highest of all of them, and one inside a part that of the part", () => {
  near(extremesBetween(part, "agent", 0, 4), [-0.5, 0.5]);
  near(extremesBetween(part, "agent", 1.5, 2.5), [-0.5 * (10 / 127), 0.5]);
  near(extremesBetween(part, "agent", 1.2, 1.3), [-0.5 * (10 / 127), 0.5]);
});

test("a column that ends at the edge of a part does not take in the next one", () => {
  near(extremesBetween(part, "agent", 0, 1), [-0.5, 0.5 * (10 / 127)]);
  const tenths = partOf(answerOf([0, 0, 0, -127], [0, 0, 0, 127], { to: 0.4 }));
  near(extremesBetween(tenths, "agent", 0.2, 0.1 + 0.2), [0, 0]);
});

test("outside of a part there is nothing", () => {
  assert.equal(extremesBetween(part, "agent", -1, 0), null);
  assert.equal(extremesBetween(part, "agent", 4, 5), null);
});

test("a lane shows nearly all parts whole, one click does not make the others flat, and silence stays flat", () => {
  const quiet = new Array(1000).fill(13);
  const click = [...quiet.slice(1), 127];
  assert.ok(Math.abs(loudest(partOf(answerOf(quiet.map((value) => -value), click))) - 13 / 127) < 1e-9);
  assert.equal(loudest(partOf(answerOf([0, 0], [0, 0]))), 0.02);
});

test("a part is sharp where its steps are no longer than a column, or no longer than a sample", () => {
  assert.ok(reaches(part, { from: 0, to: 4 }));
  assert.ok(isSharp(part, { from: 0, to: 4 }, 4, 0));
  assert.ok(!isSharp(part, { from: 0, to: 4 }, 5, 0));
  assert.ok(isSharp(part, { from: 0, to: 4 }, 500, 1));
  assert.ok(!isSharp(part, { from: 0, to: 4.5 }, 2, 0));
});

test("what is asked for reaches half a view beyond it, stays inside the call, and keeps the sharpness", () => {
  assert.deepEqual(wanted({ from: 100, to: 110 }, 1000, 3600), { from: 95, to: 115, n: 2000 });
  assert.deepEqual(wanted({ from: 0, to: 10 }, 1000, 12), { from: 0, to: 12, n: 1200 });
  assert.deepEqual(wanted({ from: 100, to: 110 }, 3000, 3600), { from: 100, to: 110, n: 3000 });
  assert.equal(wanted({ from: 0, to: 10 }, 9000, 10).n, MOST_BINS);
});

test("of several parts the sharpest that reaches over the view is drawn, or else the first", () => {
  const fine = partOf(answerOf([0, 0, 0, 0], [1, 1, 1, 1], { from: 1, to: 2 }));
  assert.equal(sharpest([part, fine], { from: 1.2, to: 1.8 }), fine);
  assert.equal(sharpest([part, fine], { from: 0.5, to: 1.8 }), part);
  assert.equal(sharpest([fine, part], { from: 0, to: 5 }), fine);
});
