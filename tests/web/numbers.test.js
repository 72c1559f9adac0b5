import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, known, num } from "../../cxaudio/web/shared/numbers.js";

test("a number that was not measured is shown as a dash", () => {
  for (const x of [null, undefined, NaN, Infinity, "3"]) {
    assert.equal(known(x), false);
    assert.equal(num(x), "–");
    assert.equal(clock(x), "–");
  }
});

test("a negative number has a true minus sign, and what rounds to zero has none", () => {
  assert.equal(num(-12.34), "\u221212.3");
  assert.equal(num(-0.04), "0.0");
  assert.equal(num(-0.4, 0), "0");
  assert.equal(num(1.005, 2), "1.00"); // 1.005 is a little less in binary
});

test("a time has hours only where it needs them, and two digits behind the first", () => {
  assert.equal(clock(0), "0:00");
  assert.equal(clock(313.47), "5:13");
  assert.equal(clock(313.47, true), "5:13.4");
  assert.equal(clock(3729), "1:02:09");
});

test("a tenth that a float cannot hold is not cut down", () => {
  assert.equal(clock(0.3, true), "0:00.3");
  assert.equal(clock(1.1 * 3, true), "0:03.3");
});
