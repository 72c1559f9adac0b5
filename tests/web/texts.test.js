import assert from "node:assert/strict";
import { test } from "node:test";

import { createTexts } from "../../cxaudio/web/call/texts.js";
import { filled } from "../../cxaudio/web/shared/filled.js";

const UNITS = {
  "unit.seconds": "{n} s", "unit.percent": "{n} %", "unit.ratio": "{n}×", "unit.count": "{n}", "unit.per_min": "{n} a minute", "unit.db": "{n} dB",
  "unit.dbov": "{n} dBov", "unit.hz": "{n} Hz", "unit.syllables_per_s": "{n} syllables/s", "unit.characters_beside": " ({n} characters/min)",
  "page.unknown": "unknown", "page.yes": "yes", "page.no": "no", "tempo.hurried": "hurried", "evidence.share": "Share",
  "side.agent": "the agent", "side.Agent": "Agent", "side.customer": "the customer", "side.Customer": "Customer", "side.both": "both",
  "side.mix": "all voices", "side.Mix": "All voices",
};
const inEnglish = (options = {}) => createTexts({ catalogues: { en: UNITS, "zh-Hans": { ...UNITS, "page.yes": "是" } }, language: "en", ...options });

test("names in braces become values, and a name without a value stays", () => {
  assert.equal(filled("{a} of {b}, {c}", { a: 1, b: "{a}", c: null }), "1 of {a}, {c}");
  assert.equal(filled("{toString}"), "{toString}");
});

test("a key without a text is shown as plain words", () => {
  const { t, has, textOr } = inEnglish();
  assert.equal(t("rule.left_waiting"), "left waiting");
  assert.equal(has("rule.left_waiting"), false);
  assert.equal(textOr("rule.left_waiting", ""), "");
  assert.equal(textOr("page.yes", ""), "yes");
});

test("a switch of the language changes every text from then on", () => {
  const texts = inEnglish();
  texts.setLanguage("zh-Hans");
  assert.equal(texts.language(), "zh-Hans");
  assert.equal(texts.t("page.yes"), "是");
});

test("two minutes and more are written as a time", () => {
  const { longSeconds } = inEnglish();
  assert.equal(longSeconds(119.94), "119.9 s");
  assert.equal(longSeconds(120), "2:00");
});

test("a measured value is written in its unit", () => {
  const { measure } = inEnglish();
  assert.equal(measure(1.4, "s"), "1.4 s");
  assert.equal(measure(1.476, "ratio"), "1.48×");
  assert.equal(measure(0.0213, "share"), "2.1 %");
  assert.equal(measure(0.213, "share"), "21 %");
  assert.equal(measure(3, "count"), "3");
  assert.equal(measure(0.5, "1/min"), "0.5 a minute");
  assert.equal(measure(-52.25, "dBov"), "\u221252.3 dBov");
  assert.equal(measure(4250.4, "Hz"), "4250 Hz");
  assert.equal(measure(4, "furlongs"), "4 furlongs");
  assert.equal(measure(0.5, null), "0.50");
  assert.equal(measure(null, "s"), "–");
});

test("the end of a key of evidence names the unit", () => {
  const { evidenceText } = inEnglish();
  assert.equal(evidenceText("talk_share", 0.5), "50 %");
  assert.equal(evidenceText("ratio", 1.25), "1.25×");
  assert.equal(evidenceText("ratio_low", 1.618), "1.62×");
  assert.equal(evidenceText("ratio_high", 3.427), "3.43×");
  assert.equal(evidenceText("probability", 0.9833), "98 %");
  assert.equal(evidenceText("agent_rate", 5.14), "5.1 syllables/s");
  assert.equal(evidenceText("std_error", 0.2), "0.2 syllables/s");
  assert.equal(evidenceText("waited_s", 7.5), "7.5 s");
  assert.equal(evidenceText("level_dbov", -26), "\u221226.0 dBov");
  assert.equal(evidenceText("level_rise_db", 6), "6.0 dB");
  assert.equal(evidenceText("interruptions", 3), "3");
  assert.equal(evidenceText("interruptions", 3.5), "3.50");
});

test("no probability is shown as certain", () => {
  const { evidenceText } = inEnglish();
  assert.equal(evidenceText("probability", 0.9899), "99 %");
  assert.equal(evidenceText("probability", 0.9968), "> 99 %");
  assert.equal(evidenceText("probability", 1), "> 99 %");
});

test("evidence that is no number is a word of the catalogue, yes or no, or unknown", () => {
  const { evidenceText, evidenceRows } = inEnglish();
  assert.equal(evidenceText("tempo", "hurried"), "hurried");
  assert.equal(evidenceText("side", "agent"), "the agent");
  assert.equal(evidenceText("name", "<b>"), "<b>");
  assert.equal(evidenceText("competitive", true), "yes");
  assert.equal(evidenceText("competitive", false), "no");
  assert.equal(evidenceText("waited_s", null), "unknown");
  assert.deepEqual(evidenceRows({ share: 0.25 }), [["Share", "25 %"]]);
  assert.deepEqual(evidenceRows(null), []);
});

test("the one side of a mono mix is all voices", () => {
  assert.equal(inEnglish().sideTitle("agent"), "Agent");
  assert.equal(inEnglish().sideWord("customer"), "the customer");
  assert.equal(inEnglish().sideWord(null), "both");
  assert.equal(inEnglish({ mix: true }).sideTitle("agent"), "All voices");
  assert.equal(inEnglish({ mix: true }).sideWord("customer"), "all voices");
});

test("rates are also in characters a minute for Chinese readers and for Chinese calls", () => {
  assert.equal(inEnglish().rateText(4.55), "4.5 syllables/s"); // 4.55 is a little less in binary
  assert.equal(inEnglish({ callLanguage: "zh-CN" }).rateText(4.5), "4.5 syllables/s (270 characters/min)");
  assert.equal(inEnglish({ language: "zh-Hans" }).rateText(4.5), "4.5 syllables/s (270 characters/min)");
  assert.equal(inEnglish().rateText(null), "unknown");
});
