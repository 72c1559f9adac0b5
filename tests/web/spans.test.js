import assert from "node:assert/strict";
import { test } from "node:test";

import { endOf, insideSpans, lengthOf, touching } from "../../cxaudio/web/call/spans.js";

test("what was still going on ends with the call", () => {
  assert.equal(endOf({ start: 3, end: 5 }, 60), 5);
  assert.equal(endOf({ start: 3, end: null }, 60), 60);
  assert.equal(endOf({ start: null, end: null }, 60), 0);
});

test("the length of what has no end is not known", () => {
  assert.equal(lengthOf({ start: 3, end: 5.5 }), 2.5);
  assert.equal(lengthOf({ start: 3, end: null }), null);
});

test("items that touch the view are kept, also one that began before and goes on", () => {
  const items = [{ start: 0, end: 10 }, { start: 5, end: null }, { start: 20, end: 30 }, { start: 31, end: 32 }, { start: null, end: 25 }];
  assert.deepEqual(touching(items, 10, 30, 60), items.slice(0, 3));
  assert.deepEqual(touching(items, 10.1, 19.9, 60), [items[1]]);
});

test("a span holds its start and not its end", () => {
  const spans = [1, 2, 4, 8, 9, 10];
  assert.deepEqual([0.9, 1, 1.9, 2, 3, 4, 7.9, 8, 9.5, 10, 11].map((s) => insideSpans(spans, s)),
    [false, true, true, false, false, true, true, false, true, false, false]);
  assert.equal(insideSpans([], 1), false);
});
