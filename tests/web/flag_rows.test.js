import assert from "node:assert/strict";
import { test } from "node:test";

import { placeFlags } from "../../cxaudio/web/call/flag_rows.js";

const mark = (name, severity, x0, x1, textWidth = 60) => ({ flag: { name, severity }, x0, x1, sign: severity === "severe" ? 22 : 13, textWidth });
const placed = (marks, { right = 1000, n = 2 } = {}) =>
  Object.fromEntries(placeFlags(marks, { right, n }).map(({ flag, row, room }) => [flag.name, { row, room }]));

test("flags far apart share the first row, and have the room up to the next", () => {
  assert.deepEqual(placed([mark("a", "flag", 100, 150), mark("b", "flag", 400, 420)]), {
    a: { row: 0, room: 400 - 100 - 13 - 4 },
    b: { row: 0, room: 1000 - 400 - 13 - 4 },
  });
});

test("a name that would run into the next sign sends the later flag to another row", () => {
  const { a, b } = placed([mark("a", "flag", 100, 110), mark("b", "flag", 150, 160)]);
  assert.deepEqual([a.row, b.row], [0, 1]);
  assert.ok(a.room >= 60);
});

test("the more severe flag chooses first, though it comes later", () => {
  const { note, severe } = placed([mark("note", "note", 100, 110), mark("severe", "severe", 120, 160)]);
  assert.deepEqual([severe.row, note.row], [0, 1]);
});

test("where every row is taken the flag goes into the last one, without room for a name", () => {
  const marks = [mark("a", "severe", 100, 600), mark("b", "severe", 110, 600), mark("c", "note", 120, 130)];
  assert.deepEqual(placed(marks).c, { row: 1, room: 0 });
});

test("flags keep the order in which they came, and the marks are not changed", () => {
  const marks = [mark("a", "note", 100, 110), mark("b", "severe", 300, 310)];
  const before = structuredClone(marks);
  assert.deepEqual(placeFlags(marks, { right: 1000, n: 1 }).map(({ flag }) => flag.name), ["a", "b"]);
  assert.deepEqual(marks, before);
});
