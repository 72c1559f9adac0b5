// The form of a filter: an order is taken at once, and fields that hold nothing do not stand in the address.

import { leaveOutEmptyFields } from "./form_fields.js";
import { registerKeys } from "./keys.js";
import { word } from "./words.js";

const form = document.getElementById("filter");
const search = document.getElementById("search");
const more = document.getElementById("more-filters");
const sort = document.getElementById("sort");
const group = word("workbench_filter.keys");

sort?.addEventListener("change", () => form.requestSubmit());
leaveOutEmptyFields(form);
form.addEventListener("submit", () => {
  if (sort?.value === "worst") sort.disabled = true; // the order that is meant where none is named
});

registerKeys([
  { keys: ["/"], label: word("workbench_filter.key_search"), group, run: () => { search.focus(); search.select(); } },
  { keys: ["f"], label: word("workbench_filter.key_filter"), group, run: () => { more.open = true; more.querySelector("input").focus(); } },
  {
    keys: ["Escape"],
    label: word("workbench_filter.key_leave"),
    group,
    inFields: true,
    when: () => form.contains(document.activeElement),
    run: () => document.activeElement.blur(),
  },
]);
