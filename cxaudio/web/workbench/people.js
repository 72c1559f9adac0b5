// Keys of the pages about people: from row to row, open, filter, and the date of before and after.

import { registerKeys } from "./keys.js";
import { word } from "./words.js";

const rows = [...document.querySelectorAll("[data-row]")];
let current = -1;

function select(next) {
  if (!rows.length) return;
  rows[current]?.removeAttribute("aria-selected");
  current = Math.min(Math.max(next, 0), rows.length - 1);
  const row = rows[current];
  row.setAttribute("aria-selected", "true");
  const link = row.querySelector("a.to");
  (link ?? row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

const focusField = (field) => {
  field.focus();
  field.scrollIntoView({ block: "center" });
  if (field.type === "search") field.select();
};

const filter = document.querySelector("[data-filter]");
const at = document.getElementById("at");
const group = word("workbench_people.keys");
const keys = [];
if (rows.length) {
  keys.push(
    { keys: ["j", "ArrowDown"], label: word("workbench_people.key_next"), group, run: () => select(current + 1) },
    { keys: ["k", "ArrowUp"], label: word("workbench_people.key_before"), group, run: () => select(current < 0 ? 0 : current - 1) },
    { keys: ["Enter"], label: word("workbench_people.key_open"), group, when: () => current >= 0, run: () => rows[current].querySelector("a.to")?.click() },
  );
}
if (filter) keys.push({ keys: ["/"], label: word("workbench_people.key_filter"), group, run: () => focusField(filter) });
if (at) keys.push({ keys: ["b"], label: word("workbench_people.key_at"), group, run: () => focusField(at) });
keys.push({ keys: ["Escape"], label: word("workbench_people.key_leave"), group, inFields: true, when: () => document.activeElement?.matches("input, select"), run: () => document.activeElement.blur() });
registerKeys(keys);

// An empty field stands in no address.
for (const form of document.querySelectorAll("main form")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    setTimeout(() => [...form.elements].forEach((field) => { field.disabled = false; }), 0);
  });
}
