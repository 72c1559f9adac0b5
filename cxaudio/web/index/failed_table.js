// The recordings that were not judged, with the reason of each.

import { make } from "../shared/elements.js";

/** Return the failures whose texts hold every word of the search. */
export function passingFailures(failures, search) {
  const words = (search || "").toLowerCase().split(/\s+/).filter(Boolean);
  return failures.filter(({ name, reason }) => words.every((word) => `${name}\n${reason}`.toLowerCase().includes(word)));
}

/** Make the table. */
export function failedTable(failures, { t, count }) {
  const tried = failures.some(({ tries }) => tries !== null);
  const columns = ["name", "reason", ...(tried ? ["tries"] : [])];
  const head = make("tr", {}, ...columns.map((name) => make("th", { scope: "col", class: name === "tries" ? "number" : null }, t(`index.failed_${name}`))));
  const rows = failures.map(({ name, reason, tries }) => make("tr", {},
    make("th", { scope: "row" }, name), make("td", { lang: "en" }, reason), tried ? make("td", { class: "number" }, count(tries ?? NaN)) : null));
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
}
