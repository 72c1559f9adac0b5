// The flags that a reviewer judges, each joined with the same flag of the report, and the words for them.

import { flags as drawn, measure, sideTitle, t } from "../call/call.js";
import { flagRows, meaningOf } from "../call/descriptions.js";
import { clock, known } from "../shared/numbers.js";

const NEAR_S = 0.02; // the report and the rows of the store may round the same instant differently

/** Return the flag of the report that a flag of the store is; null: it is not drawn. */
function drawnAs(flag) {
  if (flag.type === "whole_call") return null;
  return drawn.find((each) => each.rule === flag.rule && Math.abs(each.start - flag.start_s) < NEAR_S) ?? null;
}

/** Return the flags of the store in the order in which they are judged: by their start, the whole call's last. */
export function judgedFlags(rows) {
  const whole = (flag) => (flag.type === "whole_call" ? 1 : 0);
  return rows
    .map((row) => ({ ...row, drawn: drawnAs(row) }))
    .sort((a, b) => whole(a) - whole(b) || a.start_s - b.start_s || a.n - b.n);
}

/** Return the name of what a verdict or flag is about. */
export const ruleTitle = ({ type, rule }) => (type === "whole_call" ? t("measure." + rule) : t("rule." + rule));

/** Return what the rule of a flag means; empty where the texts have nothing. */
export const ruleMeaning = ({ type, rule }) => (type === "whole_call" ? "" : meaningOf("rule", rule));

/** Return where a flag begins: "1:23.4"; of the whole call. */
export const flagTime = (flag) => (flag.type === "whole_call" || !known(flag.start_s) ? t("page.whole_call") : clock(flag.start_s, true));

export const flagMeasured = (flag) => measure(flag.measured, flag.unit);

/** Return what was measured against which limit. */
export const flagLimit = (flag) => [flagMeasured(flag), measure(flag.limit_value, flag.unit)];

/** Return the other figures of a flag as names and values, worded as in the report; of the whole call there are none. */
export function evidenceOf(flag) {
  if (flag.type === "whole_call") return [];
  const { start_s: start, end_s: end, decided_at_s: decided, limit_value: limit } = flag;
  const rows = flagRows(flag.drawn ?? { ...flag, start, end, decided_at: decided, limit });
  const shown = [t("column.measured"), t("column.limit")]; // beside the name, above the rows
  return [[t("column.side"), sideTitle(flag.side)], ...rows.filter(([name]) => !shown.includes(name))];
}
