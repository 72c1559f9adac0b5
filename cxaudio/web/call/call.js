// The call of this page, read once from the page, and the texts it is shown with.

import { createTexts } from "./texts.js";
import { decodeLevels, levelPyramid, levelScale } from "./levels.js";
import { known } from "../shared/numbers.js";
import { rateRangeOf } from "./rates.js";
import { endOf, touching } from "./spans.js";

export const facts = JSON.parse(document.getElementById("facts").textContent);

export const texts = createTexts({
  catalogues: facts.texts,
  language: facts.language,
  mix: facts.call.source?.role_source === "mono",
  callLanguage: String(facts.call.language || ""),
});
export const { has, t, textOr, unit, seconds, longSeconds, percent, sideWord, sideTitle, rateText, measure, evidenceRows } = texts;

export const SIDES = ["agent", "customer"];
export const present = (side) => facts.present.includes(side);
// The same sound on both channels fills both sides, and still says nothing of two people.
export const twoSided = SIDES.every(present) && facts.two_sided;
export const duration = Math.max(facts.duration || 0, 1);
export const end = (item) => endOf(item, duration);
export const within = (items, from, to) => touching(items, from, to, duration);

export const flags = facts.flags.filter((flag) => known(flag.start)).sort((a, b) => a.start - b.start);
// The agent keeps the customer's pace between these ratios of both rates; null where the report names no such limits.
export const inStep = known(facts.limits.low) && known(facts.limits.high) ? facts.limits : null;

export const hasLevels = (side) => Boolean(facts.levels && facts.levels[side]);
export const pyramids = Object.fromEntries(SIDES.filter(present).map((side) => [side, levelPyramid({
  levels: hasLevels(side) ? decodeLevels(facts.levels[side]) : null,
  step: hasLevels(side) ? facts.levels.step_s : 0.05,
  spans: facts.speech[side],
  duration,
})]));
export const heights = levelScale(SIDES.filter(present).map((side) => pyramids[side][0]), SIDES.map((side) => facts.sides[side].noise_dbov));
export const rateRange = rateRangeOf(SIDES.map((side) => facts.rates[side]));
export const tempoAt = (s) => facts.tempo.findLast((stretch) => known(stretch.start) && stretch.start <= s);
