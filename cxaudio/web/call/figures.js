// Figures of both sides beside one another, figures of the whole call, settings and versions.

import { SIDES, facts, inStep, longSeconds, measure, percent, present, seconds, sideTitle, t, twoSided, unit } from "./call.js";
import { list, make } from "../shared/elements.js";
import { DASH, known, num } from "../shared/numbers.js";
import { settingSections } from "./settings.js";

/** Return a rate in syllables/s with its standard error, which reports of older versions lack. */
function withError(rate, error) {
  if (!known(rate) || !known(error)) return unit("syllables_per_s", rate, 2);
  return t("unit.syllables_per_s", { n: `${num(rate, 2)} ± ${num(error, 2)}` });
}

/** Make the table of each side's figures; figures that need two sides are left out of a call with one. */
export function sideTable() {
  const shown = SIDES.filter(present);
  const words = facts.limits.syllables_per_word;
  const rates = (side) => facts.sides[side].articulation_rate;
  const rows = [
    ["speech_s", (s) => longSeconds(s.speech_s)],
    ["talk_share", (s) => percent(s.talk_share), true],
    ["turns", (s, side) => num(facts.turns.filter((turn) => turn.side === side).length, 0), true],
    ["syllables", (s) => num(s.syllables, 0)],
    ["articulation_rate", (s) => withError(s.articulation_rate, s.articulation_rate_std_error)],
    ["speaking_rate", (s) => unit("syllables_per_s", s.speaking_rate, 2), true],
    ["baseline_rate", (s) => unit("syllables_per_s", s.baseline_rate, 2)],
    ["characters_per_min", (s, side) => (known(rates(side)) ? num(60 * rates(side), 0) : DASH)],
    ["words_per_min", (s, side) => (known(rates(side)) && words ? num((60 * rates(side)) / words, 0) : DASH)],
    ["response_median", (s) => seconds(s.response_times?.median_s, 2), true],
    ["response_p90", (s) => seconds(s.response_times?.p90_s, 2), true],
    ["responses", (s) => num(s.response_times?.n, 0), true],
    ["interruptions", (s) => num(s.interruptions, 0), true],
    ["backchannels", (s) => num(s.backchannels, 0), true],
    ["level_dbov", (s) => unit("dbov", s.level_dbov)],
    ["noise_dbov", (s) => unit("dbov", s.noise_dbov)],
    ["snr_db", (s) => unit("db", s.snr_db)],
  ].filter(([, , needsBoth]) => twoSided || !needsBoth);
  return make("table", { class: "side-table" },
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, t("column.measure")),
      ...shown.map((side) => make("th", { scope: "col", class: "number " + side }, sideTitle(side))))),
    make("tbody", {}, ...rows.map(([key, cell]) => make("tr", {}, make("th", { scope: "row" }, t("measure." + key)),
      ...shown.map((side) => make("td", {}, cell(facts.sides[side], side)))))));
}

/** Make the table of the whole call's figures with their limits; null where there are none. */
export function wholeTable() {
  const whole = facts.whole_call;
  const broken = new Set((whole.flags || []).map((flag) => flag.rule));
  const rows = [
    ["talk_share_agent", percent], ["overlap_share", (x) => percent(x, 1)], ["silence_share", (x) => percent(x, 1)],
    ["response_median_s", (x) => seconds(x, 2)], ["interruptions", (x) => num(x, 0)], ["interruptions_per_min", (x) => num(x, 2)],
  ].filter(([key]) => known(whole[key])).map(([key, text]) => {
    const limit = facts.settings.values?.whole_call?.[key];
    return make("tr", {}, make("th", { scope: "row" }, t("measure." + (key === "interruptions" ? "interruptions_whole" : key))),
      make("td", { class: broken.has(key) ? "over-limit" : null }, text(whole[key])),
      make("td", { class: broken.has(key) ? "over-limit" : null },
        known(limit) ? t("figure.limit", { limit: text(limit) }) + (broken.has(key) ? ` (${t("measure.over_limit")})` : "") : ""));
  });
  const { in_step: inStepFound } = whole;
  if (inStepFound) {
    const row = (key, value, limit) => make("tr", {}, make("th", { scope: "row" }, t("measure." + key)), make("td", {}, value), make("td", {}, limit));
    rows.push(row("in_step_share", percent(inStepFound.share, 1), ""),
      row("lowest_ratio", measure(inStepFound.lowest, "ratio"), inStep ? t("figure.limit", { limit: measure(inStep.low, "ratio") }) : ""),
      row("highest_ratio", measure(inStepFound.highest, "ratio"), inStep ? t("figure.limit", { limit: measure(inStep.high, "ratio") }) : ""));
  }
  const together = Object.entries(whole.accommodation || {}).filter(([, value]) => known(value) || value === null);
  const accommodation = together.map(([key, value]) => make("tr", {}, make("th", { scope: "row" }, t("measure." + key)),
    make("td", {}, known(value) ? num(value, Number.isInteger(value) ? 0 : 3) : t("page.unknown"))));
  if (!rows.length && !accommodation.length) return null;
  return make("div", {},
    make("table", { class: "whole-table" },
      make("thead", {}, make("tr", {}, make("th", { scope: "col", colspan: "3" }, t("page.whole_call")))),
      make("tbody", {}, ...rows)),
    accommodation.length
      ? make("details", { class: "accommodation" }, make("summary", {}, `${t("measure.accommodation")}: ${t("measure.accommodation_note")}`),
        make("table", {}, make("tbody", {}, ...accommodation)))
      : null);
}

/** Make the sections of versions and settings. */
export function settingsBody() {
  const { values, ...rest } = facts.settings;
  const sections = [rest, values || {}].flatMap((settings) => settingSections(settings, t("page.settings")));
  const versions = { name: t("page.versions"), rows: Object.entries(facts.versions).map(([key, value]) => [key, String(value)]) };
  return [versions, ...sections].map(({ name, rows }) => make("section", {}, make("h3", {}, name), list(rows)));
}
