// The page of limits that are tried: sliders, what would change, the chart of one limit, and saved policies.

import { registerKeys } from "./keys.js";
import { showMessage } from "./messages.js";
import { RequestError, get, post } from "./requests.js";
import { word } from "./words.js";

const REST_MS = 250; // after the last move, before calls are judged
const AGAIN_MS = 400; // between looks at how far all calls are
const CHART_AGAIN_MS = 1200;
const TEN = 10; // steps of PageUp and PageDown

const facts = JSON.parse(document.getElementById("facts").textContent);
const page = crypto.randomUUID();
const element = (id) => document.getElementById(id);
const form = element("policy");
const limits = [...form.querySelectorAll(".limit")];
let asking = null; // AbortController of what is being asked
let resting = 0; // timer
let charted = null; // the limit whose chart is shown
const chart = document.createElement("div"); // beneath that limit
let inUse = null; // the limit that was used last

const fieldOf = (limit) => limit.querySelector("[name]");
const sliderOf = (limit) => limit.querySelector("input[type=range]");
const isNumber = (limit) => limit.dataset.kind === "number" || limit.dataset.kind === "whole";

/** Return whether two texts of a field mean the same. */
function same(limit, text) {
  const { now } = limit.dataset;
  if (isNumber(limit)) return text !== "" && Number(text) === Number(now);
  return text.split(",").map((each) => each.trim()).join(",") === now;
}

const isChanged = (limit) => !same(limit, fieldOf(limit).value);

/** Return what is tried as the query of an address, behind that of the filter. */
function query() {
  const pairs = new URLSearchParams(facts.filter);
  for (const limit of limits) if (isChanged(limit)) pairs.set(limit.dataset.key, fieldOf(limit).value);
  return pairs.toString();
}

const anythingTried = () => limits.some(isChanged);

/** Return the address of a part of the page for what is tried. */
function address(path, more = {}) {
  const pairs = new URLSearchParams(query());
  for (const [name, value] of Object.entries({ page, ...more })) pairs.set(name, value);
  return `${path}?${pairs}`;
}

// ---------------------------------------------------------------------------------------------------------- controls

function marked(limit) {
  const changed = isChanged(limit);
  limit.classList.toggle("changed", changed);
  limit.querySelector(".reset-one").hidden = !changed;
  const group = limit.closest(".limit-group");
  const n = group.querySelectorAll(".limit.changed").length;
  const count = group.querySelector(".changed-count");
  count.hidden = n === 0;
  count.textContent = count.dataset.text.replace("{n}", String(n));
}

/** Write a number as a field holds it, on the steps of the slider. */
const written = (number) => String(Number(number.toFixed(9)));

function set(limit, text) {
  fieldOf(limit).value = text;
  const slider = sliderOf(limit);
  if (slider && text !== "") slider.value = text;
  marked(limit);
}

function moved() {
  const tried = anythingTried();
  const own = query();
  element("download").href = own ? `/policy/file?${own}` : "/policy/file";
  element("reset").disabled = !tried;
  if (element("save")) element("save").disabled = !tried;
  element("all-bar").hidden = !tried;
  showAll(null);
  window.clearTimeout(resting);
  resting = window.setTimeout(rested, REST_MS);
}

/** Name in the address what is tried, and judge it; a browser refuses an address that changes with each step of a slider. */
function rested() {
  const own = query();
  history.replaceState(null, "", own ? `/policy?${own}` : "/policy");
  judge();
}

function step(limit, n) {
  const number = Number(fieldOf(limit).value) + n * Number(limit.dataset.step);
  const slider = sliderOf(limit);
  set(limit, written(Math.min(Number(slider.max), Math.max(Number(slider.min), number))));
  moved();
}

function reset(limit) {
  set(limit, limit.dataset.now);
  moved();
}

function resetAll() {
  limits.filter(isChanged).forEach((limit) => set(limit, limit.dataset.now));
  moved();
}

for (const limit of limits) {
  const field = fieldOf(limit);
  const slider = sliderOf(limit);
  limit.addEventListener("focusin", () => { inUse = limit; });
  field.addEventListener("input", () => {
    if (slider && field.value !== "") slider.value = field.value;
    marked(limit);
    if (field.checkValidity()) moved();
  });
  slider?.addEventListener("input", () => {
    // A value between two steps stays until the slider is moved.
    field.value = written(Number(slider.value));
    marked(limit);
    moved();
  });
  slider?.addEventListener("keydown", (event) => {
    const n = { PageUp: TEN, PageDown: -TEN }[event.key];
    if (n === undefined) return;
    event.preventDefault();
    step(limit, n);
  });
  limit.querySelector(".reset-one").addEventListener("click", () => {
    reset(limit);
    (slider ?? field).focus();
  });
  limit.querySelector(".show-chart")?.addEventListener("click", () => showChart(limit));
}

// ------------------------------------------------------------------------------------------------------------ answers

function show(id, html) {
  const place = element(id);
  const scrolled = place.scrollTop;
  place.innerHTML = html; // made by the server from a template that escapes all values
  place.scrollTop = scrolled;
}

function mark(key) {
  for (const limit of limits) fieldOf(limit).toggleAttribute("aria-invalid", limit.dataset.key === key);
}

/** Judge what is tried: the first calls at once, then more of the sample until all of it is judged. */
async function judge() {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  element("working").hidden = !anythingTried();
  try {
    const verdicts = untilComplete("/policy/verdicts", "verdicts", mine);
    await untilComplete("/policy/answer", "answer", mine, (answer) => mark(answer.refused));
    await verdicts;
    if (charted) await drawChart(mine);
  } catch (error) {
    if (error.name === "AbortError") return;
    show("answer", "");
    showMessage(word("workbench_policy_script.failed", { sentence: error.message }), "fault");
  } finally {
    if (asking === mine) element("working").hidden = true;
  }
}

async function untilComplete(path, id, { signal }, each = () => {}) {
  for (;;) {
    const answer = await get(address(path), { signal });
    if (signal.aborted) throw new DOMException("", "AbortError");
    if (answer.stopped) continue;
    show(id, answer.html);
    each(answer);
    if (answer.exact) element("all-bar").hidden = true;
    if (answer.complete) return;
  }
}

// -------------------------------------------------------------------------------------------------------------- chart

function showChart(limit) {
  charted = charted === limit ? null : limit;
  for (const each of limits) each.querySelector(".show-chart")?.setAttribute("aria-pressed", String(each === charted));
  chart.remove();
  chart.innerHTML = "";
  if (!charted) return;
  limit.after(chart);
  drawChart(asking ?? (asking = new AbortController())).catch((error) => {
    if (error.name !== "AbortError") showMessage(error.message, "fault");
  });
}

async function drawChart({ signal }) {
  const limit = charted;
  while (charted === limit && limit && !signal.aborted) {
    const answer = await get(address("/policy/chart", { setting: limit.dataset.key }), { signal });
    if (charted !== limit || signal.aborted) return;
    chart.innerHTML = answer.html;
    if (answer.complete) return;
    await new Promise((done) => { window.setTimeout(done, CHART_AGAIN_MS); });
  }
}

// ---------------------------------------------------------------------------------------------------------- all calls

let watched = ""; // the query whose progress is shown

function showAll(progress) {
  const running = progress !== null;
  if (!running) watched = "";
  element("judge-all").hidden = running;
  element("stop-all").hidden = !running;
  element("all-progress").hidden = !running;
  element("all-text").hidden = !running;
  if (!running) return;
  element("all-progress").value = progress;
  element("all-text").textContent = word("workbench_policy.judging_all", { percent: Math.floor(100 * progress) });
}

async function judgeAll() {
  if (!anythingTried() || watched) return;
  const own = query();
  watched = own; // at once: the key may be pressed again, or a limit moved, before the server answers
  showAll(0);
  try {
    await post("/policy/all", { query: own, page });
    while (watched === own) {
      const answer = await get(`/policy/all?${own}`);
      if (watched !== own) return;
      if (answer.stopped) {
        showAll(null);
        showMessage(answer.problem ?? word("workbench_policy_script.all_stopped"), answer.problem ? "fault" : "done");
        return;
      }
      showAll(answer.progress);
      if (answer.done) {
        showAll(null);
        await judge();
        return;
      }
      await new Promise((done) => { window.setTimeout(done, AGAIN_MS); });
    }
  } catch (error) {
    showAll(null);
    showMessage(error.message, "fault");
  }
}

element("judge-all").addEventListener("click", judgeAll);
element("stop-all").addEventListener("click", () => {
  post("/policy/all/stop", { query: watched }).catch((error) => showMessage(error.message, "fault"));
});
element("reset").addEventListener("click", resetAll);
form.addEventListener("submit", (event) => event.preventDefault());
element("team").addEventListener("change", () => {
  const pairs = new URLSearchParams(query());
  pairs.delete("team");
  if (element("team").value) pairs.set("team", element("team").value);
  window.location.assign(`/policy?${pairs}`);
});

for (const chip of form.querySelectorAll(".chips a")) {
  chip.addEventListener("click", (event) => { // what is tried since the page came stays
    event.preventDefault();
    const pairs = new URLSearchParams(new URL(chip.href).search);
    for (const limit of limits) pairs.delete(limit.dataset.key);
    for (const limit of limits) if (isChanged(limit)) pairs.set(limit.dataset.key, fieldOf(limit).value);
    window.location.assign(`/policy?${pairs}`);
  });
}

// --------------------------------------------------------------------------------------------------------------- save

function openSave() {
  const dialog = element("save-dialog");
  if (!dialog || dialog.open) return;
  if (!anythingTried()) {
    showMessage(word("workbench_policy_script.nothing_to_save"));
    return;
  }
  element("save-problem").hidden = true;
  dialog.showModal();
  element("save-name").select();
}

async function save(event) {
  if (event.submitter?.value === "cancel") return;
  event.preventDefault();
  const name = element("save-name").value.trim();
  try {
    await post("/policy/saved", { name, query: query(), replace: element("save-replace").checked });
    element("save-dialog").close();
    window.location.reload();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    element("save-problem").textContent = error.message;
    element("save-problem").hidden = false;
  }
}

element("save")?.addEventListener("click", openSave);
element("save-form")?.addEventListener("submit", save);
for (const button of document.querySelectorAll(".delete-policy")) {
  button.addEventListener("click", async () => {
    const { name } = button.dataset;
    if (!window.confirm(word("workbench_policy_script.delete_sure", { name }))) return;
    try {
      await post("/policy/saved/delete", { name });
      button.closest("li").remove();
      showMessage(word("workbench_policy_script.deleted", { name }));
    } catch (error) {
      showMessage(error.message, "fault");
    }
  });
}

// --------------------------------------------------------------------------------------------------------------- keys

const group = word("workbench_policy_script.group");
const onSlider = () => document.activeElement?.type === "range" && document.activeElement.closest(".limit") !== null;
registerKeys([
  // The browser moves a focused slider by itself; these stand in the help.
  { keys: ["ArrowLeft", "ArrowRight"], label: word("workbench_policy_script.key_step"), group, when: () => false, run: () => {} },
  { keys: ["PageUp", "PageDown"], label: word("workbench_policy_script.key_ten"), group, when: () => false, run: () => {} },
  { keys: ["r"], label: word("workbench_policy_script.key_reset"), group, run: () => {
    if (inUse && document.activeElement?.closest(".limit") === inUse) reset(inUse);
    else resetAll();
  } },
  { keys: ["a"], label: word("workbench_policy_script.key_all"), group, run: judgeAll },
  { keys: ["c"], label: word("workbench_policy_script.key_chart"), group, when: () => onSlider(), run: () => showChart(inUse) },
  ...(facts.mayWrite ? [{ keys: ["s"], label: word("workbench_policy_script.key_save"), group, run: openSave }] : []),
]);

document.body.classList.add("with-script");
limits.forEach((limit) => {
  const slider = sliderOf(limit);
  if (slider) slider.value = fieldOf(limit).value; // a browser may have kept fields over a reload
  marked(limit);
});
moved();
