// The columns of the table: their names, what they are sorted by, and the cells of a call.

import { LABELS, letterShares } from "./calls.js";
import { textRanks } from "./ordering.js";

/** Return the address of a call's page from here; null where it has none. The path is a path and never another kind of address. */
export const addressOf = (page) => (page ? `./${page.split("/").map(encodeURIComponent).join("/")}` : null);

/** Say in words what the small picture shows. */
function inWords(letters, { t, percent }) {
  if (!letters) return t("index.timeline_unknown");
  const shares = letterShares(letters);
  const parts = [["agent", shares.a + shares.b], ["customer", shares.c + shares.b], ["hold", shares.h], ["silence", shares["-"]]];
  return parts.filter(([, share]) => share > 0).map(([name, share]) => t(`index.timeline_${name}`, { share: percent(share) })).join(t("index.comma"));
}

/** Return a width in pixels that holds most names whole. */
function nameWidth(calls) {
  const longest = calls.columns.name.reduce((most, name) => Math.max(most, name.length), 0);
  return 12 + 8.4 * Math.min(24, Math.max(10, longest));
}

/**
 * Return the columns that these calls have.
 *
 * Each has a `name`, its `width` as a track of a grid, `downFirst` (whether the first click sorts downwards), the `values` it is
 * sorted by, and `cell(call)`: a `text`, and perhaps a `class`, a `page` to lead to, a `picture` or a `title`.
 */
export function columnsOf(calls, words, sentenceLanguage) {
  const text = (name) => ({
    values: () => textRanks(Array.from({ length: calls.n }, (_, call) => calls.value(name, call)), words.language()),
    cell: (call) => ({ text: calls.value(name, call) ?? "", title: calls.value(name, call) }),
  });
  const number = (values, cell) => ({ number: true, downFirst: true, values: () => values, cell });
  const severity = (values, marked) => number(values, (call) => ({
    text: words.count(values[call]), class: values[call] > 0 ? marked : values[call] === 0 ? "zero" : "unknown",
  }));
  const rulesText = (call) => [...calls.words("rules", call).map(words.rule), ...calls.words("whole_call_rules", call).map(words.limit)]
    .join(words.t("index.comma"));
  const columns = [
    {
      name: "name", width: `minmax(96px, ${nameWidth(calls)}px)`, ...text("name"),
      cell: (call) => ({ text: calls.value("name", call), page: addressOf(calls.value("page", call)), link: true }),
    },
    calls.hasStarted() && {
      name: "started", width: "118px", ...number(calls.started, (call) => ({ text: words.instant(calls.started[call]) })), number: false,
    },
    ...LABELS.filter((label) => calls.has(label)).map((label) => ({ name: label, width: "minmax(52px, .7fr)", ...text(label) })),
    { name: "duration", width: "58px", ...number(calls.duration, (call) => ({ text: words.duration(calls.duration[call]) })) },
    {
      name: "timeline", width: "188px", downFirst: true,
      values: () => Float64Array.from({ length: calls.n }, (_, call) => {
        const shares = letterShares(calls.letters("timeline", call));
        return (shares.a + shares.b) / (shares.a + shares.c + 2 * shares.b); // NaN where nobody is known to speak
      }),
      cell: (call) => ({
        picture: [calls.letters("timeline", call), calls.letters("flag_letters", call)],
        title: inWords(calls.letters("timeline", call), words),
      }),
    },
    { name: "severe", width: "54px", ...severity(calls.n_severe, "severe") },
    { name: "flags", width: "50px", ...severity(calls.n_flag, "flagged") },
    { name: "limits", width: "50px", ...severity(calls.n_whole_call, "flagged") },
    {
      name: "out_of_step", width: "80px",
      ...number(calls.outOfStep, (call) => ({
        text: Number.isNaN(calls.outOfStep[call]) ? words.t("page.unknown") : words.percent(calls.outOfStep[call]),
        class: Number.isNaN(calls.outOfStep[call]) ? "unknown" : "",
      })),
    },
    {
      name: "rules", width: "minmax(120px, 2fr)", downFirst: false,
      values: () => textRanks(Array.from({ length: calls.n }, (_, call) => rulesText(call)), words.language()),
      cell: (call) => ({ text: rulesText(call), title: rulesText(call) }),
    },
    {
      name: "sentence", ...text("sentence"),
      cell: (call) => ({ text: calls.value("sentence", call), title: calls.value("sentence", call), lang: sentenceLanguage }),
    },
  ].filter(Boolean);
  return columns.map((column) => ({ downFirst: false, number: false, ...column }));
}

/** Return the text in which a reader's words are looked for: everything that the row shows in words. */
export const searchedText = (calls, words) => (call) => [
  ...["name", ...LABELS, "sentence", "rules", "whole_call_rules", "notices"].map((name) => calls.value(name, call)),
  ...calls.words("rules", call).map(words.rule),
  ...calls.words("whole_call_rules", call).map(words.limit),
  ...calls.words("notices", call).map(words.notice),
].join("\n").toLowerCase();
