// The tables under the timeline: the columns of each, and the cells of a row.

import { SIDES, evidenceRows, facts, flags, measure, rateText, seconds, sideTitle, t, unit } from "./call.js";
import { dropoutWord, holdWord, lineSoundWord, meaningOf, nudgeText, overlapLabels, tempoSigns, tempoState } from "./descriptions.js";
import { DASH, clock, known, num } from "../shared/numbers.js";
import { lengthOf } from "./spans.js";
import { OVERLAP_ORDER, overlapSign, severitySign } from "./symbols.js";

export const SEVERITIES = ["note", "flag", "severe"];

const sideCell = (side) => ({ text: sideTitle(side), sort: side || "", class: side === "agent" || side === "customer" ? side : "" });
const timeCell = (s) => ({ text: clock(s, true), sort: s, seek: known(s) ? s : null });
const numberCell = (x, text) => ({ text, sort: known(x) ? x : null, number: true });
const secondsCell = (x, digits) => numberCell(x, seconds(x, digits));
const measuredCell = (x, name) => numberCell(x, measure(x, name));
const textCell = (text) => ({ text, sort: text });
const NO_CELL = { text: DASH };

// Seconds: shorter silences are the pauses of any talk, and no mutual silence.
const LONG_SILENCE = facts.settings.values?.whole_call?.silence_min_s ?? 2;
const KIND_WORDS = { silence: () => t("silence.short_nobody"), hold: holdWord, dropout: dropoutWord, line_sound: lineSoundWord };

/** Return the spurts of both sides in order; an older report does not hold their syllables. */
const spurts = () => SIDES.flatMap((side) => {
  const edges = facts.speech[side];
  const syllables = facts.speech_syllables[side];
  return Array.from({ length: edges.length / 2 }, (_, k) => ({ side, start: edges[2 * k], end: edges[2 * k + 1], syllables: syllables[k] ?? null }));
}).sort((a, b) => a.start - b.start);

/** Return what reviewers said of a flag: "right ×2, wrong", and their notes. */
const verdictParts = (flag) => {
  const words = (flag.verdicts || []).map(([decision, n]) => t("verdict." + decision) + (n > 1 ? ` ×${n}` : ""));
  return [...(words.length ? [words.join(", ")] : []), ...(flag.notes || [])];
};
const wholeFlags = () => (facts.whole_call.flags || []).map((flag) => ({ ...flag, whole: true }));
// A page that was made to be shared may hold the verdicts of reviewers.
const judged = [...facts.flags, ...wholeFlags()].some((flag) => flag.verdicts);

/**
 * Each table: its name, its items, its columns and the cells of an item in the same order.
 *
 * A cell has a `text` or `parts`, what it is sorted by (`sort`), and where a click seeks to (`seek`). `print` says whether
 * the table is printed: yes, no, or only the items that its filter lets pass.
 */
export const TABLES = [
  {
    // The limits of the whole call that were broken stand behind the flags, and have no place on the timeline.
    name: "flags", items: () => [...flags, ...wholeFlags()], print: "yes",
    columns: ["start", "end", "rule", "severity", "measured", "limit", "decided_at", "evidence", ...(judged ? ["verdict"] : [])],
    sign: (flag) => (pen, ink) => severitySign(pen, ink, flag.severity, flag.severity === "severe" ? 5 : 8, 7, 4.6),
    cells: (flag) => [
      flag.whole ? { text: t("page.whole_call"), sort: null } : timeCell(flag.start), timeCell(flag.end),
      { ...textCell(flag.whole ? t("measure." + flag.rule) : t("rule." + flag.rule)), title: meaningOf("rule", flag.rule) || null },
      { text: t("severity." + flag.severity), sort: SEVERITIES.indexOf(flag.severity), sign: true },
      measuredCell(flag.measured, flag.unit), measuredCell(flag.limit, flag.unit),
      timeCell(flag.decided_at),
      { parts: evidenceRows(flag.evidence).map(([name, value]) => `${name} ${value}`), sort: "", class: "evidence" },
      ...(judged ? [{ parts: verdictParts(flag), sort: verdictParts(flag)[0] || "", class: "evidence" }] : []),
    ],
  },
  {
    name: "overlaps", items: () => facts.overlaps, print: "filtered",
    columns: ["start", "duration", "kind", "entrant", "holder", "outcome", "yielded", "yield_delay", "resumed", "level_rise"],
    filter: { key: "table.interruptions_only", test: (overlap) => overlap.kind === "interruption" || overlap.kind === "butt_in" },
    sign: (overlap) => (pen, ink) => overlapSign(pen, ink, overlap.kind, 8, 7, 5, overlap.entrant !== "customer"),
    cells: (overlap) => [
      timeCell(overlap.start), secondsCell(lengthOf(overlap), 2),
      { text: t("overlap." + overlap.kind), sort: OVERLAP_ORDER.indexOf(overlap.kind), sign: true, title: meaningOf("overlap", overlap.kind) || null },
      sideCell(overlap.entrant), sideCell(overlap.holder), { text: overlapLabels(overlap) || DASH },
      overlap.yielded ? sideCell(overlap.yielded) : NO_CELL, secondsCell(overlap.yield_delay_s, 2),
      secondsCell(overlap.resumed_after_s), numberCell(overlap.level_rise_db, unit("db", overlap.level_rise_db)),
    ],
  },
  {
    name: "speech", items: spurts, print: "no",
    columns: ["start", "side", "duration", "syllables"],
    cells: (spurt) => [timeCell(spurt.start), sideCell(spurt.side), secondsCell(lengthOf(spurt), 2), numberCell(spurt.syllables, num(spurt.syllables, 0))],
  },
  {
    name: "turns", items: () => facts.turns, print: "no",
    columns: ["start", "side", "duration", "speech", "syllables", "rate", "level"],
    cells: (turn) => [
      timeCell(turn.start), sideCell(turn.side), secondsCell(lengthOf(turn)), secondsCell(turn.speech_s),
      numberCell(turn.syllables, num(turn.syllables, 0)),
      numberCell(turn.articulation_rate, known(turn.articulation_rate) ? rateText(turn.articulation_rate) : DASH),
      numberCell(turn.level_dbov, unit("dbov", turn.level_dbov)),
    ],
  },
  {
    name: "responses", items: () => facts.responses, print: "no",
    columns: ["start", "side", "response_time"],
    // A reply that began before the other side had ended is played from its own beginning.
    cells: (response) => [
      timeCell(known(response.end) ? Math.min(response.start, response.end) : response.start), sideCell(response.side),
      secondsCell(response.response_time_s, 2),
    ],
  },
  {
    name: "silences", print: "filtered",
    items: () => [...facts.silences.map((item) => ({ ...item, what: "silence" })), ...facts.holds.map((item) => ({ ...item, what: "hold" })),
      ...facts.dropouts.map((item) => ({ ...item, what: "dropout" })), ...facts.line_sounds.map((item) => ({ ...item, what: "line_sound" }))]
      .sort((a, b) => a.start - b.start),
    columns: ["start", "end", "duration", "kind", "side", "owed_by"],
    filter: { key: "table.long_only", values: { n: LONG_SILENCE }, test: (item) => item.what !== "silence" || !(lengthOf(item) < LONG_SILENCE) },
    cells: (item) => [
      timeCell(item.start), timeCell(item.end), secondsCell(lengthOf(item)), textCell(KIND_WORDS[item.what](item)),
      item.what === "silence" ? NO_CELL : sideCell(item.side),
      item.what === "silence" ? (item.owed_by ? sideCell(item.owed_by) : { text: t("side.nobody"), sort: "" }) : NO_CELL,
    ],
  },
  {
    name: "tempo", items: () => facts.tempo, print: "no",
    columns: ["start", "end", "duration", "tempo", "signs"],
    cells: (stretch) => [
      timeCell(stretch.start), timeCell(stretch.end), secondsCell(lengthOf(stretch)), textCell(t("tempo." + tempoState(stretch))),
      textCell(tempoSigns(stretch) || DASH),
    ],
  },
  {
    name: "nudges", items: () => facts.nudges.map((nudge) => ({ ...nudge, start: nudge.shown_at })), print: "yes",
    columns: ["shown_at", "gone_at", "rule", "text"],
    cells: (nudge) => [timeCell(nudge.shown_at), timeCell(nudge.gone_at), textCell(t("rule." + nudge.rule)), textCell(nudgeText(nudge))],
  },
  {
    name: "notices", items: () => facts.notices, print: "yes",
    columns: ["start", "end", "kind", "side", "measured", "limit"],
    cells: (notice) => [
      timeCell(notice.start), timeCell(notice.end), textCell(t("notice." + notice.kind)), sideCell(notice.side),
      measuredCell(notice.measured, notice.unit), measuredCell(notice.limit, notice.unit),
    ],
  },
];
