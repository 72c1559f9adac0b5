// Puts the page together: the report, keys, language and theme.

import { facts, t, texts } from "./call.js";
import { make } from "../shared/elements.js";
import { Report } from "./report.js";

const $ = (id) => document.getElementById(id);

const report = new Report();
const { timeline, player } = report;

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
  showKeys();
  report.show();
}

$("print").addEventListener("click", () => window.print());
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
    report.repaint();
  });
}

// Keys that work everywhere, and keys that need the focus on the timeline.
const KEYS = {
  " ": () => player.toggle(),
  n: () => report.stepFlag(1),
  p: () => report.stepFlag(-1),
  "+": () => report.zoom(1),
  "=": () => report.zoom(1),
  "-": () => report.zoom(-1),
  0: () => timeline.fit(),
  Escape: () => report.select(null),
};
const TIMELINE_KEYS = {
  ArrowLeft: (event) => (event.shiftKey ? player.seek(player.time - 1) : timeline.pan(-0.15)),
  ArrowRight: (event) => (event.shiftKey ? player.seek(player.time + 1) : timeline.pan(0.15)),
  Home: () => timeline.pan(-Infinity),
  End: () => timeline.pan(Infinity),
  Enter: () => report.seekAndPlay(player.time),
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

document.querySelector(".switches").hidden = false;
showTexts();
