// Which calls pass the reader's filter.

import { LABELS } from "./calls.js";

const DAY = 86400; // seconds

/** Return the first second of a day written as 2026-11-29, UTC; NaN where there is none. */
export const dayStart = (text) => (/^\d{4}-\d{2}-\d{2}$/.test(text || "") ? Date.parse(`${text}T00:00:00Z`) / 1000 : NaN);

/** Return, for each different value of a column, whether it passes. */
const passing = (column, test) => column.values.map((value) => test(value));

/** Return a test for a column with few values, or null where everything passes. */
function fewValues(column, test) {
  const passes = passing(column, test);
  return passes.every(Boolean) ? null : (call) => passes[column.at[call]];
}

const hasWord = (wanted) => (text) => Boolean(text) && (wanted === "any" || text.split(" ").includes(wanted));

const SEVERITY_TESTS = {
  severe: (calls) => (call) => calls.n_severe[call] > 0,
  flagged: (calls) => (call) => calls.n_severe[call] + calls.n_flag[call] > 0,
  whole: (calls) => (call) => calls.n_whole_call[call] > 0,
  clean: (calls) => (call) => calls.n_severe[call] + calls.n_flag[call] === 0 && !(calls.n_whole_call[call] > 0),
  unknown: (calls) => (call) => Number.isNaN(calls.n_severe[call]),
};

/**
 * Return the numbers of the calls that pass a filter, in their order.
 *
 * `filter` has texts by name; what is missing or empty lets everything pass. `searched(call)` returns the text in which the
 * words of `filter.q` are looked for, in lower case.
 */
export function passingCalls(calls, filter, searched) {
  const tests = [];
  const { columns } = calls;
  if (filter.rule) {
    const [place, rule] = filter.rule.startsWith("whole.") ? ["whole_call_rules", filter.rule.slice(6)] : ["rules", filter.rule];
    tests.push(fewValues(columns[place], hasWord(rule)));
  }
  if (Object.hasOwn(SEVERITY_TESTS, filter.severity || "")) tests.push(SEVERITY_TESTS[filter.severity](calls));
  for (const label of LABELS) {
    if (filter[label]) tests.push(fewValues(columns[label], (value) => value === filter[label]));
  }
  if (filter.notices) tests.push(fewValues(columns.notices, hasWord(filter.notices)));
  const [from, to] = [dayStart(filter.from), dayStart(filter.to) + DAY];
  if (!Number.isNaN(from)) tests.push((call) => calls.started[call] >= from);
  if (!Number.isNaN(to)) tests.push((call) => calls.started[call] < to);
  if (filter.pace === "unknown") tests.push((call) => Number.isNaN(calls.in_step[call]));
  const words = (filter.q || "").toLowerCase().split(/\s+/).filter(Boolean);
  for (const word of words) tests.push((call) => searched(call).includes(word));
  const wanted = tests.filter(Boolean);
  const found = [];
  for (let call = 0; call < calls.n; call += 1) if (wanted.every((test) => test(call))) found.push(call);
  return found;
}
