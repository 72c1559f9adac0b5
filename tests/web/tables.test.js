import assert from "node:assert/strict";
import { test } from "node:test";

import { compareCells, nextSorting } from "../../cxaudio/web/call/sorting.js";
import { settingSections } from "../../cxaudio/web/call/settings.js";

const sorted = (cells, language = "en") => [...cells].sort((a, b) => compareCells(a, b, language)).map(({ text }) => text);

test("numbers sort as numbers, not as their texts", () => {
  assert.deepEqual(sorted([{ text: "10.0 s", sort: 10 }, { text: "9.0 s", sort: 9 }, { text: "0:59", sort: 0.5 }]), ["0:59", "9.0 s", "10.0 s"]);
});

test("words sort as the language sorts them, by their text where nothing else is given", () => {
  assert.deepEqual(sorted([{ text: "b" }, { text: "B" }, { text: "a" }, { text: "é" }, { text: "f" }]), ["a", "b", "B", "é", "f"]);
  assert.deepEqual(sorted([{ text: "note", sort: 0 }, { text: "severe", sort: 2 }, { text: "flag", sort: 1 }]), ["note", "flag", "severe"]);
});

test("what is missing comes last", () => {
  assert.deepEqual(sorted([{ text: "–" }, { text: "–", sort: null }, { text: "1", sort: 1 }, { text: "-2", sort: -2 }]), ["-2", "1", "–", "–"]);
  assert.equal(compareCells({ text: "–" }, { text: "–" }, "en"), 0);
});

test("the first click on a column sorts upwards, the second downwards, and another column begins anew", () => {
  const first = nextSorting(undefined, 2);
  assert.deepEqual(first, { column: 2, down: false });
  const second = nextSorting(first, 2);
  assert.deepEqual(second, { column: 2, down: true });
  assert.deepEqual(nextSorting(second, 2), first);
  assert.deepEqual(nextSorting(second, 0), { column: 0, down: false });
});

test("nested settings become sections named by their path", () => {
  const values = { language: "en", norms: { wpm: 150, tempo: { order: ["slow", "fast"], off: null } }, empty: {} };
  assert.deepEqual(settingSections(values, "Settings"), [
    { name: "Settings", rows: [["language", "en"]] },
    { name: "norms", rows: [["wpm", "150"]] },
    { name: "norms.tempo", rows: [["order", "slow, fast"], ["off", "null"]] },
  ]);
});
