// Keys and forms of the pages about samples, calibrations and rules.

import { registerLeavingKey } from "./form_fields.js";
import { registerKeys } from "./keys.js";
import { showMessage } from "./messages.js";
import { post } from "./requests.js";
import { registerRowKeys } from "./rows.js";
import { counted, word } from "./words.js";

const group = word("workbench_samples.keys");
const client = window.crypto.randomUUID(); // what is sent again is stored once

async function send(form, path, value) {
  const button = form.querySelector("button:not([type=button])");
  button.disabled = true;
  try {
    const { address } = await post(path, value);
    window.location.assign(address);
  } catch (error) {
    showMessage(error.message, "fault");
    button.disabled = false;
  }
}

// A new sample

const drawing = document.getElementById("draw");
if (drawing) {
  const fields = drawing.elements;
  const number = (name) => Number.parseInt(fields[name].value, 10);
  const strata = ["random", "worst", "unsure"];
  const perAgent = () => fields.scope.value === "agent";

  const showTotals = () => {
    const total = strata.reduce((sum, name) => sum + (number(name) || 0), 0);
    const shareTotal = document.getElementById("share-total");
    shareTotal.textContent = total === 100 ? "" : word("workbench_samples.share_total", { total });
    shareTotal.classList.toggle("severe", total !== 100);
    const { agents, calls, most } = drawing.dataset;
    const n = Math.min((number("n") || 0) * (perAgent() ? Number(agents) : 1), Number(calls));
    const drawn = document.getElementById("drawn-total");
    drawn.textContent = n > Number(most) ? word("workbench_samples.too_many", { n, most }) : counted("workbench_samples.at_most", n);
    drawn.classList.toggle("severe", n > Number(most));
  };
  drawing.addEventListener("input", showTotals);
  showTotals();
  drawing.addEventListener("submit", (event) => {
    event.preventDefault();
    send(drawing, "/samples", {
      client,
      name: fields.name.value,
      query: drawing.dataset.query,
      n: number("n"),
      per_agent: perAgent(),
      seed: number("seed"),
      ...Object.fromEntries(strata.map((name) => [name, number(name)])),
    });
  });
}

// Calibrations

const opening = document.getElementById("open-calibration");
opening?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { name, sample, reviewers } = opening.elements;
  send(opening, "/calibrations", {
    client,
    name: name.value,
    sample: Number.parseInt(sample.value, 10),
    reviewers: reviewers.value.split("\n"),
  });
});

const closing = document.getElementById("close-calibration");
const sure = document.getElementById("sure");
document.getElementById("ask-close")?.addEventListener("click", () => sure.showModal());
closing?.addEventListener("submit", (event) => {
  event.preventDefault();
  send(closing, closing.dataset.path, {});
});
document.getElementById("keep-open")?.addEventListener("click", () => sure.close());

for (const choice of document.querySelectorAll("select[data-agree]")) {
  let kept = choice.value;
  choice.addEventListener("change", async () => {
    const { agree, call, n } = choice.dataset;
    const decision = choice.value;
    try {
      await post(agree, { call, n: Number(n), decision });
      kept = decision;
      showMessage(word("workbench_calibration.agreed_kept"));
    } catch (error) {
      choice.value = kept; // a verdict that is not kept is not shown
      showMessage(error.message, "fault");
    }
  });
}

const follow = (id, name, label) => {
  const link = document.getElementById(id);
  return link ? [{ keys: [name], label, group, run: () => link.click() }] : [];
};
registerRowKeys({
  group,
  labels: { next: word("workbench_samples.key_next"), previous: word("workbench_samples.key_previous"), open: word("workbench_samples.key_open") },
});
registerKeys([
  ...follow("new", "n", word("workbench_samples.key_new")),
  ...follow("review", "r", word("workbench_samples.key_review")),
]);
registerLeavingKey({ group, label: word("workbench_samples.key_leave") });
