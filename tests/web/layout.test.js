import assert from "node:assert/strict";
import { test } from "node:test";

import { axisStep, axisTimes, layoutFor } from "../../cxaudio/web/call/layout.js";

const ALL = { flags: true, nudges: true, agent: true, between: true, customer: true, tempo: true, rates: true };

test("lanes follow one another from top to bottom, and none covers another", () => {
  const { lanes, height } = layoutFor(1400, { shown: ALL, flagRows: 3 });
  const order = Object.values(lanes);
  assert.deepEqual(Object.keys(lanes), ["axis", "flags", "nudges", "agent", "between", "customer", "tempo", "rates"]);
  for (let k = 1; k < order.length; k += 1) assert.ok(order[k].top >= order[k - 1].bottom);
  assert.equal(lanes.agent.bottom, lanes.between.top); // both voices touch what happens between them
  assert.equal(lanes.between.bottom, lanes.customer.top);
  assert.equal(height, lanes.rates.bottom + 8);
});

test("a lane that is not shown takes no room", () => {
  const { lanes, height } = layoutFor(1400, { shown: { customer: true }, flagRows: 1 });
  assert.deepEqual(Object.keys(lanes), ["axis", "customer"]);
  assert.deepEqual(lanes.customer, { top: 28, bottom: 90, middle: 59, height: 62 });
  assert.equal(height, 98);
});

test("each row of flags takes its height", () => {
  const heightFor = (flagRows) => layoutFor(1400, { shown: ALL, flagRows }).lanes.flags.height;
  assert.deepEqual([heightFor(1), heightFor(2), heightFor(3)], [24, 46, 68]);
});

test("names get less room in a narrow window, and rates in characters need an axis on the right", () => {
  const bounds = (width, options) => {
    const { left, right } = layoutFor(width, { shown: ALL, flagRows: 1, ...options });
    return [left, width - right];
  };
  assert.deepEqual(bounds(1400), [118, 12]);
  assert.deepEqual(bounds(859), [86, 12]);
  assert.deepEqual(bounds(1400, { inCharacters: true }), [118, 40]);
  assert.deepEqual(bounds(1400, { inCharacters: true, shown: { agent: true } }), [118, 12]);
});

test("paper has smaller lanes and letters than the screen", () => {
  const [screen, paper] = [false, true].map((printed) => layoutFor(700, { shown: ALL, flagRows: 1, printed }));
  assert.ok(paper.height < screen.height / 1.8);
  assert.ok(paper.size.text < screen.size.text);
});

test("marks of the time axis are at least 72 pixels apart, at whole steps", () => {
  assert.equal(axisStep(1000), 0.1);
  assert.equal(axisStep(72), 1);
  assert.equal(axisStep(71.9), 2);
  assert.equal(axisStep(1300 / 3600), 300);
  assert.equal(axisStep(0.001), 3600);
});

test("the axis has marks from the first whole step of the view to the end of the view or of the call", () => {
  assert.deepEqual(axisTimes({ from: 7, to: 30 }, 10, 600), [10, 20, 30]);
  assert.deepEqual(axisTimes({ from: 0, to: 60 }, 20, 45), [0, 20, 40]);
});
