// What the reader sees, as the fragment of the page's address, so that a view can be bookmarked and sent.

import { LABELS } from "./calls.js";

const FILTERS = ["q", "rule", "severity", ...LABELS, "from", "to", "pace", "notices"];

/** Return the fragment of a view, without the sign #. */
export function fragmentOf({ filter, order, tab, call }) {
  const parts = new URLSearchParams();
  for (const name of FILTERS) if (filter[name]) parts.set(name, filter[name]);
  if (order.column) parts.set("sort", (order.down ? "-" : "") + order.column);
  if (tab === "failed") parts.set("tab", tab);
  if (call) parts.set("call", call);
  return parts.toString();
}

/** Return the view that a fragment describes; what it does not name, or the page does not know, is as at first. */
export function viewOf(fragment, columns) {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const filter = Object.fromEntries(FILTERS.filter((name) => parts.get(name)).map((name) => [name, parts.get(name)]));
  const sort = parts.get("sort") || "";
  const column = sort.replace(/^-/, "");
  return {
    filter,
    order: columns.includes(column) ? { column, down: sort.startsWith("-") } : { column: "", down: false },
    tab: parts.get("tab") === "failed" ? "failed" : "calls",
    call: parts.get("call") || "",
  };
}
