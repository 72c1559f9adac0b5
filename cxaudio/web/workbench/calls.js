// The list of calls: keys to move, open, compare and save, and the choice of two calls to compare.

import { storageOf } from "./browser_storage.js";
import "./filter_form.js";
import { registerKeys } from "./keys.js";
import { showMessage } from "./messages.js";
import { openedLast, rememberOpened } from "./opened_call.js";
import { post } from "./requests.js";
import { word } from "./words.js";

const KEPT = "cxaudio-compare"; // calls that were chosen, also on other pages of the list
const storage = storageOf(window, "sessionStorage");
const rows = [...document.querySelectorAll("#calls tbody tr")];
const saving = document.getElementById("save-filter");
const group = word("workbench_calls.keys");
let current = -1;

function select(place) {
  if (!rows.length) return;
  rows[current]?.classList.remove("current");
  current = Math.max(0, Math.min(rows.length - 1, place));
  rows[current].classList.add("current");
  const link = rows[current].querySelector("a.name");
  link.focus({ preventScroll: true });
  rows[current].scrollIntoView({ block: "nearest" });
}

for (const [place, row] of rows.entries()) {
  row.addEventListener("focusin", () => {
    rows[current]?.classList.remove("current");
    current = place;
    row.classList.add("current");
  });
  row.addEventListener("click", (event) => { // anywhere on the row, unless something there is selected or pressed
    if (event.target.closest("a, button") || String(window.getSelection())) return;
    select(place);
  });
  row.querySelector("a.name").addEventListener("click", () => rememberOpened(row.dataset.call));
  row.addEventListener("dblclick", () => row.querySelector("a.name").click());
}

const opened = rows.findIndex((row) => row.dataset.call === openedLast());
if (opened >= 0) select(opened);

// Two calls to compare

const bar = document.getElementById("compare");
const kept = () => {
  try {
    const found = JSON.parse(storage.getItem(KEPT) ?? "[]");
    return Array.isArray(found) ? found.filter((each) => typeof each === "string").slice(0, 2) : [];
  } catch {
    return [];
  }
};

function showCompared() {
  const chosen = kept();
  for (const row of rows) row.classList.toggle("compared", chosen.includes(row.dataset.call));
  bar.hidden = !chosen.length;
  document.getElementById("compare-text").textContent = chosen.length ? word(`workbench_calls.compare_${chosen.length}`) : "";
  const link = document.getElementById("compare-link");
  link.hidden = chosen.length < 2;
  link.href = `/compare?${new URLSearchParams({ a: chosen[0] ?? "", b: chosen[1] ?? "" })}`;
}

function toggleCompared() {
  const id = rows[current]?.dataset.call;
  if (!id) return;
  const chosen = kept();
  const next = chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen.slice(-1), id];
  storage.setItem(KEPT, JSON.stringify(next));
  showCompared();
}

document.getElementById("compare-clear").addEventListener("click", () => {
  storage.removeItem(KEPT);
  showCompared();
});
showCompared();

// Saved filters

async function change(path, value) {
  try {
    await post(path, value);
    window.location.reload();
  } catch (error) {
    showMessage(error.message, "fault");
  }
}

saving?.addEventListener("submit", (event) => {
  event.preventDefault();
  change("/filters", { name: saving.elements.name.value, query: window.location.search.slice(1) });
});
for (const button of document.querySelectorAll("[data-delete-filter]")) {
  button.addEventListener("click", () => change("/filters/delete", { name: button.dataset.deleteFilter }));
}

registerKeys([
  { keys: ["j", "ArrowDown"], label: word("workbench_calls.key_next"), group, run: () => select(current + 1) },
  { keys: ["k", "ArrowUp"], label: word("workbench_calls.key_previous"), group, run: () => select(current - 1) },
  { keys: ["Enter", "o"], label: word("workbench_calls.key_open"), group, when: () => current >= 0, run: () => rows[current].querySelector("a.name").click() },
  { keys: ["x"], label: word("workbench_calls.key_compare"), group, when: () => current >= 0, run: toggleCompared },
  { keys: ["c"], label: word("workbench_calls.compare"), group, when: () => kept().length === 2, run: () => document.getElementById("compare-link").click() },
  ...(saving ? [{ keys: ["s"], label: word("workbench_calls.key_save"), group, run: () => saving.elements.name.focus() }] : []),
]);
