// The report of the call on a page: timeline, sound, tables and figures, and what joins them.

import { duration, facts, flags, present, t, twoSided } from "./call.js";
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
const STEP = 1.6; // how much one press zooms

const $ = (id) => document.getElementById(id);

export class Report {
  /**
   * Show the report in the elements of the page.
   *
   * `onFlag` is called with a flag that the reader chose; by default it is shown and played. `onDrawn(view, layout)` and
   * `onTime(s)` follow the timeline and the playhead.
   */
  constructor({ onFlag = (flag) => this.playFlag(flag), onDrawn, onTime = () => {} } = {}) {
    this.selected = null;
    this.trouble = null; // why the recording cannot be played, and from which instant on
    this.onFlag = onFlag;
    this.onTime = onTime;
    this.timeline = new Timeline({ onSeek: (s) => this.seekAndPlay(s), onFlag, onDrawn });
    this.tables = new Tables({ onSeek: (s) => this.seekFromTable(s), onFlag });
    this.player = new Player({
      onTime: (s, follow) => this.showTime(s, follow && this.player.playing),
      onState: (playing) => {
        $("play").setAttribute("aria-pressed", playing);
        $("play-word").textContent = t(playing ? "player.pause" : "player.play");
        $("play-word").dataset.t = playing ? "player.pause" : "player.play";
      },
      onTrouble: (kind, until) => {
        this.trouble = { kind, until };
        this.showSound();
      },
    });
    this.listen();
    for (const element of document.querySelectorAll(".timeline[hidden], .tables[hidden], .sides[hidden], .settings[hidden]")) element.hidden = false;
    if (!twoSided) $("sides-heading").firstElementChild.dataset.t = "page.figures";
    for (const id of ["previous-flag", "next-flag"]) $(id).disabled = !flags.length;
    if (!present("agent") && !present("customer")) document.querySelector(".timeline").hidden = true;
    this.showClock(0);
  }

  listen() {
    $("play").addEventListener("click", () => this.player.toggle());
    $("speed").addEventListener("change", () => this.player.setSpeed(Number($("speed").value)));
    $("previous-flag").addEventListener("click", () => this.stepFlag(-1));
    $("next-flag").addEventListener("click", () => this.stepFlag(1));
    $("zoom-in").addEventListener("click", () => this.timeline.zoom(STEP));
    $("zoom-out").addEventListener("click", () => this.timeline.zoom(1 / STEP));
    $("fit").addEventListener("click", () => this.timeline.fit());
    $("call-settings").addEventListener("toggle", () => $("call-settings-body").replaceChildren(...settingsBody()));
    window.addEventListener("beforeprint", () => {
      const place = $("print-rows");
      place.replaceChildren(...printRows(place));
      this.tables.fillForPrint();
    });
    window.addEventListener("afterprint", () => $("print-rows").replaceChildren());
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
  }

  // --- places in the recording ---

  seekAndPlay(s) {
    this.player.seek(s);
    this.timeline.movePlayhead(this.player.position, true);
    this.player.play();
  }

  seekFromTable(s) {
    const view = viewForRow(this.timeline.view, s, duration);
    if (view !== this.timeline.view) this.timeline.look(view);
    this.seekAndPlay(s);
  }

  /** Show a flag everywhere on the page; null shows none. */
  select(flag) {
    this.selected = flag;
    this.timeline.select(flag);
    this.tables.select(flag);
    this.showInspector();
  }

  playFlag(flag) {
    this.select(flag);
    this.seekAndPlay(Math.max(0, flag.start - LEAD_IN));
    $("lanes").scrollIntoView({ block: "nearest" });
  }

  /** Choose the next (1) or previous (-1) flag after the selected one, or else after the playhead. */
  stepFlag(step) {
    if (!flags.length) return;
    const at = this.selected ? flags.indexOf(this.selected) : -1;
    const s = this.player.time;
    let next = at + step;
    if (at < 0) next = step > 0 ? flags.findIndex((flag) => flag.start > s) : flags.findLastIndex((flag) => flag.start < s);
    this.onFlag(flags[Math.min(flags.length - 1, Math.max(0, next < 0 && step > 0 ? 0 : next))]);
  }

  zoom(step) {
    this.timeline.zoom(STEP ** step, this.timeline.playheadInView());
  }

  // --- what is written on the page ---

  /** Move the playhead; `follow`: the view follows it. */
  showTime(s, follow) {
    this.showClock(s);
    this.timeline.movePlayhead(s, follow);
    this.onTime(s);
  }

  showClock(s) {
    $("clock").replaceChildren(clock(s, true), make("span", { class: "of" }, ` / ${clock(duration)}`));
  }

  /** Say why there is no sound, and go on without. */
  sayNoSound(text) {
    this.noSound = text;
    this.trouble = { kind: "missing" };
    this.showSound();
  }

  showSound() {
    const { audio } = facts;
    const name = audio ? audio.name : "";
    const key = !audio ? "none" : audio.kind === "unplayable" ? "unplayable" : this.trouble ? this.trouble.kind : audio.kind;
    // The workbench serves the sound itself; that it plays need not be said.
    const note = key === "served" ? "" : t("player." + key, { name, time: this.trouble ? clock(this.trouble.until) : "" });
    $("sound-note").textContent = this.noSound ?? note;
    $("play").disabled = !this.player.hasSound || Boolean(this.trouble && this.trouble.kind === "missing");
  }

  showInspector() {
    const box = $("inspector");
    box.hidden = !this.selected;
    if (!this.selected) return;
    const { severity, rule } = this.selected;
    box.className = "inspector " + severity;
    const close = make("button", { type: "button" }, t("page.clear"));
    close.addEventListener("click", () => this.select(null));
    box.replaceChildren(make("b", {}, `${t("rule." + rule)} · ${t("severity." + severity)}`), list(flagRows(this.selected)), close);
  }

  /** Write and draw everything in the language of the texts. */
  show() {
    this.showSound();
    $("legend").replaceChildren(...legendEntries());
    this.showInspector();
    this.tables.draw();
    $("side-table").replaceChildren(sideTable());
    $("whole-table").replaceChildren(...[wholeTable()].filter(Boolean));
    if ($("call-settings").open) $("call-settings-body").replaceChildren(...settingsBody());
    this.timeline.redraw();
  }

  /** Draw in the colours of the theme. */
  repaint() {
    this.timeline.redraw();
    this.tables.repaintSigns();
    for (const canvas of $("legend").querySelectorAll("canvas")) canvas.drawSign();
  }
}
