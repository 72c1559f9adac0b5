// The form of a filter: an order is taken at once, and fields that hold nothing do not stand in the address.

import { registerKeys } from "./keys.js";
import { word } from "./words.js";

const form = document.getElementById("filter");
const search = document.getElementById("search");
const more = document.getElementById("more-filters");
const sort = document.getElementById("sort");
const group = word("workbench_filter.keys");

sort?.addEventListener("change", () => form.requestSubmit());
form.addEventListener("submit", () => {
  for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  if (sort?.value === "worst") sort.disabled = true;
});
window.addEventListener("pageshow", () => { // also when the browser goes back to this page
  for (const field of form.elements) field.disabled = false;
});

registerKeys([
  { keys: ["/"], label: word("workbench_filter.key_search"), group, run: () => { search.focus(); search.select(); } },
  { keys: ["f"], label: word("workbench_filter.key_filter"), group, run: () => { more.open = true; more.querySelector("input").focus(); } },
  { keys: ["Escape"], label: word("workbench_filter.key_leave"), group, inFields: true, when: () => form.contains(document.activeElement), run: () => document.activeElement.blur() },
]);
