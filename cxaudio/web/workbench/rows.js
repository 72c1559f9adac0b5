// The rows of a table by keys: one of them is chosen, and its link or field has the focus.

import { registerKeys } from "./keys.js";

/** Register the keys that go from row to row and open one; `labels` holds the texts of `next`, `previous` and `open`. */
export function registerRowKeys({ group, labels }) {
  const rows = [...document.querySelectorAll("[data-row]")];
  let current = -1;

  function select(place) {
    rows[current]?.removeAttribute("aria-selected");
    current = Math.max(0, Math.min(rows.length - 1, place));
    rows[current].setAttribute("aria-selected", "true");
    rows[current].querySelector("a.to, button, select")?.focus({ preventScroll: true });
    rows[current].scrollIntoView({ block: "nearest" });
  }

  if (!rows.length) return;
  registerKeys([
    { keys: ["j", "ArrowDown"], label: labels.next, group, run: () => select(current + 1) },
    { keys: ["k", "ArrowUp"], label: labels.previous, group, run: () => select(current - 1) },
    { keys: ["Enter", "o"], label: labels.open, group, when: () => current >= 0, run: () => rows[current].querySelector("a.to")?.click() },
  ]);
}
