import assert from "node:assert/strict";
import { test } from "node:test";

import { Calls, letterShares } from "../../cxaudio/web/index/calls.js";
import { dayStart, passingCalls } from "../../cxaudio/web/index/filtering.js";
import { passingFailures } from "../../cxaudio/web/index/failed_table.js";
import { fragmentOf, viewOf } from "../../cxaudio/web/index/fragment.js";
import { nextOrder, ordered, textRanks } from "../../cxaudio/web/index/ordering.js";
import { rowWindow } from "../../cxaudio/web/index/row_window.js";
import { runs } from "../../cxaudio/web/index/sparkline.js";
import { addressOf } from "../../cxaudio/web/index/table_columns.js";
import { createWords } from "../../cxaudio/web/index/words.js";

const DAY = Date.UTC(2026, 10, 28) / 1000;

/** Five calls, in the order worst first; the last is one-sided. */
function calls() {
  return new Calls({
    name: ["a", "b", "c", "d", "e"],
    page: ["a/r.html", null, "c", "d", "e"],
    sentence: ["Rushed.", "Waited.", "Fine.", "Fine.", "One side."],
    n_severe: [2, 0, 0, 0, null], n_flag: [1, 3, 0, 0, null], n_whole_call: [0, 0, 1, 0, null],
    started: [DAY, DAY + 86399, DAY + 86400, null, DAY - 1], duration: [60, 30, 90, 10, 20], in_step: [0.3, 0.9, null, 1, null],
    agent: { values: ["Bo", "Al", null], at: [0, 1, 1, 2, 0] }, team: { values: [null], at: [0, 0, 0, 0, 0] },
    queue: { values: [""], at: [0, 0, 0, 0, 0] }, direction: { values: [null], at: [0, 0, 0, 0, 0] },
    rules: { values: ["rushing dead_air", "left_waiting", ""], at: [0, 1, 2, 2, 2] },
    whole_call_rules: { values: ["", "silence_share"], at: [0, 0, 1, 0, 0] },
    notices: { values: ["", "noisy clipping"], at: [0, 1, 0, 0, 0] },
    timeline: ["a".repeat(60), "c".repeat(60), "-".repeat(60), "h".repeat(60), " ".repeat(60)].join(""),
    flag_letters: " ".repeat(300),
  });
}

const passing = (filter) => passingCalls(calls(), filter, (call) => calls().value("sentence", call).toLowerCase()).map((k) => "abcde"[k]).join("");

test("without a filter every call passes, in its order", () => assert.equal(passing({}), "abcde"));

test("each filter alone", () => {
  assert.equal(passing({ severity: "severe" }), "a");
  assert.equal(passing({ severity: "flagged" }), "ab");
  assert.equal(passing({ severity: "whole" }), "c");
  assert.equal(passing({ severity: "clean" }), "d");
  assert.equal(passing({ severity: "unknown" }), "e");
  assert.equal(passing({ rule: "dead_air" }), "a");
  assert.equal(passing({ rule: "dead" }), "");
  assert.equal(passing({ rule: "whole.silence_share" }), "c");
  assert.equal(passing({ agent: "Al" }), "bc");
  assert.equal(passing({ notices: "any" }), "b");
  assert.equal(passing({ notices: "clipping" }), "b");
  assert.equal(passing({ notices: "leakage" }), "");
  assert.equal(passing({ pace: "unknown" }), "ce");
  assert.equal(passing({ q: "FINE" }), "cd");
});

test("all filters together must pass, and all words", () => {
  assert.equal(passing({ agent: "Al", severity: "flagged" }), "b");
  assert.equal(passing({ q: "one side" }), "e");
  assert.equal(passing({ q: "one fine" }), "");
});

test("days are whole days in UTC, both ends included; a call without a start passes neither", () => {
  assert.equal(passing({ from: "2026-11-28", to: "2026-11-28" }), "ab");
  assert.equal(passing({ from: "2026-11-28" }), "abc");
  assert.equal(passing({ to: "2026-11-27" }), "e");
  assert.ok(Number.isNaN(dayStart("28.11.2026")));
});

test("what a filter does not know lets everything pass", () => assert.equal(passing({ severity: "toString", from: "soon" }), "abcde"));

test("numbers are in order, what is unknown is last both ways, equals stay worst first", () => {
  const list = calls();
  const all = [0, 1, 2, 3, 4];
  const text = (values, down) => ordered(all, values, down).map((k) => "abcde"[k]).join("");
  assert.equal(text(list.duration, true), "cabed");
  assert.equal(text(list.n_severe, false), "bcdae");
  assert.equal(text(list.outOfStep, true), "abdce");
  assert.equal(text(list.outOfStep, false), "dbace");
  assert.equal(text(null, false), "abcde");
});

test("texts are ranked as the language sorts them, numbers in them as numbers, empty ones last", () => {
  assert.deepEqual([...textRanks(["call 10", "Call 9", "", null, "äh", "zu"], "en")], [2, 1, NaN, NaN, 0, 3]);
});

test("a column sorts its own way first, then the other, then worst first again", () => {
  const first = nextOrder({ column: "", down: false }, "severe", true);
  assert.deepEqual(first, { column: "severe", down: true });
  const second = nextOrder(first, "severe", true);
  assert.deepEqual(second, { column: "severe", down: false });
  assert.deepEqual(nextOrder(second, "severe", true), { column: "", down: false });
  assert.deepEqual(nextOrder(second, "name", false), { column: "name", down: false });
});

test("a view survives its fragment, whatever signs it holds", () => {
  const filter = { q: "a&b=#% 客户", rule: "whole.silence_share", from: "2026-11-01" };
  const view = { filter, order: { column: "duration", down: true }, tab: "failed", call: "x #1" };
  assert.deepEqual(viewOf(`#${fragmentOf(view)}`, ["duration"]), view);
});

test("a fragment of somebody else is the first view", () => {
  const first = { filter: {}, order: { column: "", down: false }, tab: "calls", call: "" };
  for (const fragment of ["", "#", "#sort=-nothing&tab=other&hack=1", "#%"]) assert.deepEqual(viewOf(fragment, ["name"]), first);
  assert.equal(fragmentOf(first), "");
});

test("only rows near the screen are made", () => {
  assert.deepEqual(rowWindow({ top: 100, height: 600, rowHeight: 50, n: 1e5 }), { first: 0, end: 18 });
  assert.deepEqual(rowWindow({ top: -5000, height: 600, rowHeight: 50, n: 1e5 }), { first: 92, end: 120 });
  assert.deepEqual(rowWindow({ top: -4.9e6, height: 600, rowHeight: 50, n: 1e5 }), { first: 97992, end: 98020 });
  assert.deepEqual(rowWindow({ top: 0, height: 600, rowHeight: 50, n: 3 }), { first: 0, end: 3 });
  assert.deepEqual(rowWindow({ top: -9e6, height: 600, rowHeight: 50, n: 3 }), { first: 3, end: 3 });
});

test("labels, counts and words of the filters", () => {
  const list = calls();
  assert.deepEqual(["agent", "team", "queue"].map((label) => list.has(label)), [true, false, false]);
  assert.deepEqual(list.valuesOf("agent", "en"), [{ value: "Al", n: 2 }, { value: "Bo", n: 2 }]);
  assert.deepEqual(list.wordsOf("rules"), [{ value: "dead_air", n: 1 }, { value: "left_waiting", n: 1 }, { value: "rushing", n: 1 }]);
  assert.equal(list.letters("timeline", 1), "c".repeat(60));
  assert.equal(list.letters("timeline", 4), "");
});

test("shares and runs of a call's letters", () => {
  assert.deepEqual(letterShares("aab-"), { a: 0.5, c: 0, b: 0.25, h: 0, "-": 0.25 });
  assert.deepEqual(runs("aac"), [{ letter: "a", from: 0, to: 2 }, { letter: "c", from: 2, to: 3 }]);
  assert.deepEqual(runs(""), []);
});

test("an address is a path below the page, whatever the name", () => {
  assert.equal(addressOf("May 1/a #2?.wav/report.html"), "./May%201/a%20%232%3F.wav/report.html");
  assert.equal(addressOf("javascript:alert(1)"), "./javascript%3Aalert(1)");
  assert.equal(addressOf(null), null);
});

test("failures are found by the words of their name and reason", () => {
  const failures = [{ name: "a.wav", reason: "is empty" }, { name: "b.wav", reason: "is no recording" }];
  assert.deepEqual(passingFailures(failures, "WAV no").map(({ name }) => name), ["b.wav"]);
  assert.equal(passingFailures(failures, "").length, 2);
});

test("numbers and instants in words", () => {
  const words = createWords({ catalogues: { en: { "unit.percent": "{n} %", "x.y_one": "1 call", "x.y_other": "{n} calls" } }, language: "en" });
  assert.equal(words.whole(1234567), "1\u202f234\u202f567");
  assert.equal(words.percent(0.126), "13 %");
  assert.equal(words.count(NaN), "–");
  assert.equal(words.instant(DAY + 3660), "2026-11-28 01:01");
  assert.equal(words.counted("x.y", 1), "1 call");
  assert.equal(words.counted("x.y", 2000), "2\u202f000 calls");
});
