// Keys of the page that exports tables: the number of a table, and the way back to the calls.

import { registerKeys } from "./keys.js";
import { word } from "./words.js";

const group = word("workbench_exports.keys");
const forms = [...document.querySelectorAll(".exports form")];

registerKeys([
  ...forms.map((form, place) => ({
    keys: [String(place + 1)],
    label: form.querySelector("h2").textContent,
    group,
    run: () => form.querySelector("button").focus(),
  })),
  { keys: ["Escape"], label: word("workbench_exports.change"), group, run: () => document.getElementById("to-calls").click() },
]);
