// Puts the page together: buttons, keys, language and theme.

import { duration, facts, flags, present, t, texts, twoSided } from "./call.js";
import { flagRows } from "./descriptions.js";
import { list, make } from "../shared/elements.js";
import { settingsBody, sideTable, wholeTable } from "./figures.js";
import { legendEntries } from "./legend.js";
import { clock } from "../shared/numbers.js";
import { Player } from "./player.js";
import { printRows } from "./printing.js";
import { Tables } from "./tables.js";
import { Timeline } from "./timeline.js";
import { viewForRow } from "./view.js";

const LEAD_IN = 2; // seconds played before a flag

const $ = (id) => document.getElementById(id);
let selected = null;
let trouble = null; // why the recording cannot be played, and from which instant on

const timeline = new Timeline({ onSeek: seekAndPlay, onFlag: chooseFlag });
const tables = new Tables({ onSeek: seekFromTable, onFlag: chooseFlag });
const player = new Player({
  onTime(s, follow) {
    showClock(s);
    timeline.movePlayhead(s, follow && player.playing);
  },
  onState(playing) {
    $("play").setAttribute("aria-pressed", playing);
    $("play-word").textContent = t(playing ? "player.pause" : "player.play");
    $("play-word").dataset.t = playing ? "player.pause" : "player.play";
  },
  onTrouble(kind, until) {
    trouble = { kind, until };
    showSound();
  },
});

function seekAndPlay(s) {
  player.seek(s);
  timeline.movePlayhead(player.position, true);
  player.play();
}

function chooseFlag(flag) {
  selected = flag;
  timeline.select(flag);
  tables.select(flag);
  showInspector();
  seekAndPlay(Math.max(0, flag.start - LEAD_IN));
  $("lanes").scrollIntoView({ block: "nearest" });
}

function seekFromTable(s) {
  const view = viewForRow(timeline.view, s, duration);
  if (view !== timeline.view) timeline.look(view);
  seekAndPlay(s);
}

function clearSelection() {
  selected = null;
  timeline.select(null);
  tables.select(null);
  showInspector();
}

/** Choose the next (1) or previous (-1) flag after the selected one, or else after the playhead. */
function stepFlag(step) {
  if (!flags.length) return;
  const at = selected ? flags.indexOf(selected) : -1;
  let next = at + step;
  if (at < 0) next = step > 0 ? flags.findIndex((flag) => flag.start > player.time) : flags.findLastIndex((flag) => flag.start < player.time);
  chooseFlag(flags[Math.min(flags.length - 1, Math.max(0, next < 0 && step > 0 ? 0 : next))]);
}

// --- what is written on the page ---

function showClock(s) {
  $("clock").replaceChildren(clock(s, true), make("span", { class: "of" }, ` / ${clock(duration)}`));
}

function showSound() {
  const { audio } = facts;
  const name = audio ? audio.name : "";
  const key = !audio ? "none" : audio.kind === "unplayable" ? "unplayable" : trouble ? trouble.kind : audio.kind;
  $("sound-note").textContent = t("player." + key, { name, time: trouble ? clock(trouble.until) : "" });
  $("play").disabled = !player.hasSound || Boolean(trouble && trouble.kind === "missing");
}

function showInspector() {
  const box = $("inspector");
  box.hidden = !selected;
  if (!selected) return;
  box.className = "inspector " + selected.severity;
  const close = make("button", { type: "button" }, t("page.clear"));
  close.addEventListener("click", clearSelection);
  box.replaceChildren(make("b", {}, `${t("rule." + selected.rule)} · ${t("severity." + selected.severity)}`), list(flagRows(selected)), close);
}

function showLegend() {
  $("legend").replaceChildren(...legendEntries());
}

function showKeys() {
  const rows = [
    [t("page.key_space"), "key_play"], ["← →", "key_move"], ["⇧ ← →", "key_seek"], ["+ −", "key_zoom"], ["Home End", "key_ends"], ["0", "key_fit"],
    ["N P", "key_flags"], ["Esc", "key_escape"],
  ];
  $("key-list").replaceChildren(...rows.map(([key, text]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, t("page." + text)))));
}

function showTexts() {
  const root = document.documentElement;
  root.lang = t("language.html");
  root.dataset.language = texts.language();
  document.title = `${facts.call.id || ""} · ${t("page.title")} · cxaudio`;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const button of document.querySelectorAll("[data-set-language]")) button.setAttribute("aria-pressed", button.dataset.setLanguage === texts.language());
  const head = facts.head[texts.language()];
  $("sentence").textContent = head.sentence;
  for (const figure of head.figures) {
    const box = document.querySelector(`[data-figure="${figure.key}"]`);
    box.querySelector("dt").textContent = figure.label;
    box.querySelector(".value").textContent = figure.value;
    box.querySelector(".detail").textContent = figure.detail;
  }
  $("made-by").textContent = t("page.made_by", { version: facts.versions.cxaudio || "" });
  showSound();
  showLegend();
  showKeys();
  showInspector();
  tables.draw();
  $("side-table").replaceChildren(sideTable());
  $("whole-table").replaceChildren(...[wholeTable()].filter(Boolean));
  if ($("settings").open) $("settings-body").replaceChildren(...settingsBody());
  timeline.redraw();
}

function repaint() {
  timeline.redraw();
  tables.repaintSigns();
  for (const canvas of $("legend").querySelectorAll("canvas")) canvas.drawSign();
}

// --- what the reader can do ---

$("play").addEventListener("click", () => player.toggle());
$("speed").addEventListener("change", () => player.setSpeed(Number($("speed").value)));
$("previous-flag").addEventListener("click", () => stepFlag(-1));
$("next-flag").addEventListener("click", () => stepFlag(1));
$("zoom-in").addEventListener("click", () => timeline.zoom(1.6));
$("zoom-out").addEventListener("click", () => timeline.zoom(1 / 1.6));
$("fit").addEventListener("click", () => timeline.fit());
$("print").addEventListener("click", () => window.print());
$("settings").addEventListener("toggle", () => $("settings-body").replaceChildren(...settingsBody()));
for (const button of document.querySelectorAll("[data-set-language]")) {
  button.addEventListener("click", () => {
    texts.setLanguage(button.dataset.setLanguage);
    showTexts();
  });
}
for (const button of document.querySelectorAll("[data-set-theme]")) {
  button.addEventListener("click", () => {
    if (button.dataset.setTheme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = button.dataset.setTheme;
    for (const other of document.querySelectorAll("[data-set-theme]")) other.setAttribute("aria-pressed", other === button);
    repaint();
  });
}
window.addEventListener("beforeprint", () => {
  const place = $("print-rows");
  place.replaceChildren(...printRows(place));
  tables.fillForPrint();
});
window.addEventListener("afterprint", () => $("print-rows").replaceChildren());
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

// Keys that work everywhere, and keys that need the focus on the timeline.
const KEYS = {
  " ": () => player.toggle(),
  n: () => stepFlag(1),
  p: () => stepFlag(-1),
  "+": () => timeline.zoom(1.6, timeline.playheadInView()),
  "=": () => timeline.zoom(1.6, timeline.playheadInView()),
  "-": () => timeline.zoom(1 / 1.6, timeline.playheadInView()),
  0: () => timeline.fit(),
  Escape: clearSelection,
};
const TIMELINE_KEYS = {
  ArrowLeft: (event) => (event.shiftKey ? player.seek(player.time - 1) : timeline.pan(-0.15)),
  ArrowRight: (event) => (event.shiftKey ? player.seek(player.time + 1) : timeline.pan(0.15)),
  Home: () => timeline.pan(-Infinity),
  End: () => timeline.pan(Infinity),
  Enter: () => seekAndPlay(player.time),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inTimeline = document.activeElement === timeline.box;
  const busy = document.activeElement && document.activeElement.matches("input, select, textarea, [role=tab]");
  // A button with the focus is pressed by the space key.
  if (event.key === " " && !inTimeline && document.activeElement && document.activeElement.matches("button, summary")) return;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = (inTimeline && TIMELINE_KEYS[name]) || (!busy && KEYS[name]);
  if (!action) return;
  event.preventDefault();
  action(event);
});

for (const element of document.querySelectorAll("main > [hidden], .switches[hidden]")) element.hidden = false;
if (!twoSided) $("sides-heading").firstElementChild.dataset.t = "page.figures";
for (const id of ["previous-flag", "next-flag"]) $(id).disabled = !flags.length;
if (!present("agent") && !present("customer")) document.querySelector(".timeline").hidden = true;
showClock(0);
showTexts();
