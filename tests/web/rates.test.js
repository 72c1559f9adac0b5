import assert from "node:assert/strict";
import { test } from "node:test";

import { rateAt, rateRangeOf, rateRuns, rateScale } from "../../cxaudio/web/call/rates.js";

const RATES = { at: [10, 20, 30, 100], rate: [4, 5, null, 6], error: [0.2, 0.4, null, null] };

test("between two estimates the rate is on a straight line, with the error of the earlier", () => {
  assert.deepEqual(rateAt(RATES, 15), { rate: 4.5, error: 0.2 });
  assert.deepEqual(rateAt(RATES, 10), { rate: 4, error: 0.2 });
});

test("before the first estimate, after an unknown one and long after the last the rate is not known", () => {
  for (const s of [9.9, 30, 60, 130.1]) assert.equal(rateAt(RATES, s), null);
  assert.deepEqual(rateAt(RATES, 25), { rate: 5, error: 0.4 });
  assert.deepEqual(rateAt(RATES, 130), { rate: 6, error: null });
  assert.equal(rateAt({ at: [], rate: [], error: [] }, 1), null);
});

test("across a gap of more than 30 s no line is drawn", () => {
  const rates = { at: [0, 30, 60.1], rate: [4, 6, 8], error: [null, null, null] };
  assert.deepEqual(rateAt(rates, 15), { rate: 5, error: null });
  assert.deepEqual(rateAt(rates, 45), { rate: 6, error: null });
});

test("the range holds every estimate with its error, in whole rates, and begins no lower than zero", () => {
  assert.deepEqual(rateRangeOf([RATES, { at: [1], rate: [2.5], error: [0.3] }]), { low: 1, high: 7 });
  assert.deepEqual(rateRangeOf([{ at: [1], rate: [0.1], error: [0.3] }]), { low: 0, high: 1 });
  assert.equal(rateRangeOf([{ at: [1], rate: [null], error: [null] }]), null);
});

test("the scale of the lane leaves 4 pixels at both ends, and draws every second line where lines come too close", () => {
  const tall = rateScale({ height: 108, bottom: 208 }, { low: 2, high: 7 });
  assert.deepEqual([tall.y(2), tall.y(7), tall.step], [204, 104, 1]);
  assert.equal(rateScale({ height: 50, bottom: 50 }, { low: 2, high: 7 }).step, 2);
});

test("a run ends at an unknown estimate and at a gap", () => {
  const rates = { at: [0, 10, 20, 30, 70, 80], rate: [4, 5, null, 6, 7, 8], error: [0, 0, 0, 0, 0, 0] };
  const runs = [...rateRuns(rates, { view: { from: 0, to: 100 }, perSecond: 10 })];
  assert.deepEqual(runs.map((run) => run.map(([at]) => at)), [[0, 10], [30], [70, 80]]);
});

test("estimates closer than the pixels are left out, and so are those far from the view", () => {
  const at = Array.from({ length: 100 }, (_, k) => k);
  const rates = { at, rate: at.map(() => 4), error: at.map(() => 0.1) };
  const [run] = rateRuns(rates, { view: { from: 40, to: 50 }, perSecond: 0.4 }); // a pixel is 2.5 s
  assert.deepEqual(run.map(([s]) => s), Array.from({ length: 37 }, (_, k) => 9 + 2 * k));
});

test("no line is drawn through a hold, and no rate is read in it or behind it before the next estimate", () => {
  const rates = { at: [10, 20, 30, 40], rate: [4, 5, 6, 7], error: [0, 0, 0, 0] };
  const breaks = [{ start: 22, end: 28 }];
  const runs = [...rateRuns(rates, { view: { from: 0, to: 100 }, perSecond: 10, breaks })];
  assert.deepEqual(runs.map((run) => run.map(([at]) => at)), [[10, 20], [30, 40]]);
  assert.deepEqual(rateAt(rates, 21, breaks), { rate: 5, error: 0 });
  for (const s of [25, 29]) assert.equal(rateAt(rates, s, breaks), null);
  assert.equal(rateAt(rates, 35, [{ start: 33, end: null }]), null, "a hold that never ended lasts to the end of the call");
});
