// Puts the parts together: buttons, keys, language and theme.

const $ = (id) => document.getElementById(id);
let selected = null;
let trouble = null; // what kept the recording from being heard, and from when on

const player = new Player({
  onTime(s, follow) {
    showClock(s);
    if (timeline) timeline.movePlayhead(s, follow && player.playing);
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
  const { from, to } = timeline.view;
  if (to - from > 120) timeline.look(s - 20, s + 40); // from afar a row of the table could not be made out
  else if (s < from || s > to) timeline.look(s - (to - from) / 4, s + (3 * (to - from)) / 4);
  seekAndPlay(s);
}

function letGo() {
  selected = null;
  timeline.select(null);
  tables.select(null);
  showInspector();
}

/** Next (1) or previous (-1) flag after the one selected, or else after the playhead. */
function stepFlag(step) {
  if (!flags.length) return;
  const at = selected ? flags.indexOf(selected) : -1;
  let next = at + step;
  if (at < 0) next = step > 0 ? flags.findIndex((flag) => flag.start > player.time) : flags.findLastIndex((flag) => flag.start < player.time);
  chooseFlag(flags[Math.min(flags.length - 1, Math.max(0, next < 0 && step > 0 ? 0 : next))]);
}

const timeline = new Timeline({ onSeek: seekAndPlay, onFlag: chooseFlag });
const tables = new Tables({ onSeek: seekFromTable, onFlag: chooseFlag });

// --- what the page says ---

function showClock(s) {
  $("clock").replaceChildren(clock(s, true), make("span", { class: "of" }, ` / ${clock(duration)}`));
}

function showSound() {
  const { audio } = facts;
  const name = audio ? audio.name : "";
  const key = !audio ? "none" : audio.kind === "unplayable" ? "unplayable" : trouble ? trouble.kind : audio.kind;
  $("sound-note").textContent = t("player." + key, { name, time: trouble ? clock(trouble.until) : "" });
  $("play").disabled = !player.able || Boolean(trouble && trouble.kind === "missing");
}

function showInspector() {
  const box = $("inspector");
  box.hidden = !selected;
  if (!selected) return;
  box.className = "inspector " + selected.severity;
  const close = make("button", { type: "button" }, t("page.clear"));
  close.addEventListener("click", letGo);
  box.replaceChildren(make("b", {}, `${t("rule." + selected.rule)} · ${t("severity." + selected.severity)}`), list(flagRows(selected)), close);
}

function showLegend() {
  const entry = (draw, text) => make("span", {}, signCanvas(26, 16, draw), text);
  const entries = [
    entry((pen, ink) => {
      pen.fillStyle = ink.agent;
      [4, 9, 12, 8, 11, 6].forEach((tall, k) => pen.fillRect(3 + k * 3.4, 13 - tall, 2.6, tall));
    }, t("legend.speech")),
    entry((pen, ink) => {
      pen.fillStyle = ink.ink_3;
      pen.globalAlpha = 0.35;
      [2, 3, 2, 4, 3, 2].forEach((tall, k) => pen.fillRect(3 + k * 3.4, 13 - tall, 2.6, tall));
      pen.globalAlpha = 1;
    }, t("legend.other_sound")),
    entry((pen, ink) => {
      pen.fillStyle = ink.agent;
      pen.fillRect(1, 7, 12, 2.4);
      pen.fillRect(15, 7, 10, 2.4);
    }, t("legend.turn")),
  ];
  if (twoSided) {
    for (const kind of [...OVERLAP_ORDER].reverse()) entries.push(entry((pen, ink) => overlapSign(pen, ink, kind, 13, 8, 6, true),
      t("overlap." + kind) + (kind === "interruption" ? t("legend.points_at") : "")));
    for (const owed of ["agent", "customer", "nobody"]) {
      entries.push(entry((pen, ink) => hatch(pen, 1, 3, 24, 10, owed === "nobody" ? ink.ink_3 : ink[owed], { agent: 1, customer: -1, nobody: 0 }[owed]), t("silence." + owed)));
    }
    for (const severity of SEVERITIES) entries.push(entry((pen, ink) => severitySign(pen, ink, severity, severity === "severe" ? 9 : 13, 8, 5), t("severity." + severity)));
  }
  if (facts.nudges.length) entries.push(entry((pen, ink) => nudgeSign(pen, ink, 13, 8, 6), t("legend.nudge")));
  if (facts.dropouts.length) {
    entries.push(entry((pen, ink) => {
      hatch(pen, 3, 2, 20, 12, ink.ink_2, 1, 4);
      hatch(pen, 3, 2, 20, 12, ink.ink_2, -1, 4);
    }, t("legend.dropout")));
  }
  if (rateRange) {
    for (const side of SIDES.filter(present)) {
      entries.push(entry((pen, ink) => {
        pen.fillStyle = ink[side];
        pen.globalAlpha = 0.22;
        pen.fillRect(1, 3, 24, 10);
        pen.globalAlpha = 1;
        pen.strokeStyle = ink[side];
        pen.lineWidth = 1.8;
        if (side === "customer") pen.setLineDash([6, 3]);
        pen.beginPath();
        pen.moveTo(1, 8);
        pen.lineTo(25, 8);
        pen.stroke();
        pen.setLineDash([]);
      }, t("legend.rate_band", { side: SideWord(side) })));
    }
    if (twoSided) {
      entries.push(entry((pen, ink) => {
        pen.fillStyle = ink.zone;
        pen.globalAlpha = 0.22;
        pen.fillRect(1, 3, 24, 10);
        pen.globalAlpha = 1;
      }, t("legend.in_step_zone", { low: measure(inStep.low, "ratio"), high: measure(inStep.high, "ratio") })));
    }
  }
  $("legend").replaceChildren(...entries);
}

function showKeys() {
  const rows = [["space", "key_play"], ["← →", "key_move"], ["⇧ ← →", "key_seek"], ["+ −", "key_zoom"], ["Home End", "key_ends"], ["0", "key_fit"], ["N P", "key_flags"], ["Esc", "key_escape"]];
  $("key-list").replaceChildren(...rows.map(([key, text]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, t("page." + text)))));
}

function showWords() {
  const root = document.documentElement;
  root.lang = t("language.html");
  root.dataset.language = language;
  document.title = `${facts.call.id || ""} · ${t("page.title")} · cxaudio`;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const button of document.querySelectorAll("[data-set-language]")) button.setAttribute("aria-pressed", button.dataset.setLanguage === language);
  const head = facts.head[language];
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

// --- what the reader does ---

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
    language = button.dataset.setLanguage;
    showWords();
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
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

/** Keys that mean the same wherever the reader is, and those that need the timeline to be in focus. */
const KEYS = {
  " ": () => player.toggle(),
  n: () => stepFlag(1),
  p: () => stepFlag(-1),
  "+": () => timeline.zoom(1.6, timeline.playheadInView()),
  "=": () => timeline.zoom(1.6, timeline.playheadInView()),
  "-": () => timeline.zoom(1 / 1.6, timeline.playheadInView()),
  0: () => timeline.fit(),
  Escape: letGo,
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
  // A button in focus keeps its own space key.
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
showWords();
