// Keys of the page that shares a call.

import { registerKeys } from "./keys.js";
import { word } from "./words.js";

const group = word("workbench_sharing.title");
const clips = [...document.querySelectorAll(".clips button:not(:disabled)")];
const verdicts = document.querySelector("input[name=verdicts]");
const notes = document.querySelector("input[name=notes]");

function step(by) {
  const at = clips.indexOf(document.activeElement);
  clips[Math.max(0, Math.min(clips.length - 1, at < 0 ? 0 : at + by))]?.focus();
}

// What reviewers wrote stands beside their verdicts.
notes.addEventListener("change", () => {
  if (notes.checked) verdicts.checked = true;
});
verdicts.addEventListener("change", () => {
  if (!verdicts.checked) notes.checked = false;
});

registerKeys([
  { keys: ["h"], label: word("workbench_sharing.as_html"), group, run: () => document.getElementById("as-html").click() },
  { keys: ["p"], label: word("workbench_sharing.as_pdf"), group, run: () => document.getElementById("as-pdf").click() },
  { keys: ["j"], label: word("workbench_sharing.key_next"), group, run: () => step(1) },
  { keys: ["k"], label: word("workbench_sharing.key_previous"), group, run: () => step(-1) },
  { keys: ["Escape"], label: word("workbench_sharing.back"), group, run: () => document.getElementById("back").click() },
]);
