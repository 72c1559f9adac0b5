// The panel of verdicts: the flags of the call in a list, the chosen one open, and what is still on its way.

import { signCanvas } from "../shared/canvas.js";
import { list, make } from "../shared/elements.js";
import { clock } from "../shared/numbers.js";
import { severitySign } from "../call/symbols.js";
import { t } from "../call/call.js";
import { evidenceOf, flagLimit, flagMeasured, flagTime, ruleMeaning, ruleTitle } from "./review_flags.js";
import { word } from "./words.js";

export const DECISIONS = ["right", "wrong", "excused", "unsure"];
export const SIGNS = { right: "✓", wrong: "✕", excused: "≈", unsure: "?" };

const say = (key, values) => word("workbench_verdicts." + key, values);
const $ = (id) => document.getElementById(id);

/** Return a time for people: day and minute, in the time zone of the browser. */
const whenText = (ms) => new Date(ms).toLocaleString(document.documentElement.lang, {
  month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false,
});

/** Make the sign of a verdict; its word is its title. */
function decisionSign(decision, { waiting = false, name = "" } = {}) {
  const title = [name, say(decision)].filter(Boolean).join(": ");
  return make("span", { class: `decision ${decision}${waiting ? " waiting" : ""}`, title, role: "img", "aria-label": title }, SIGNS[decision]);
}

/** Scroll a list so far that an item is seen, or its top where it is too tall; the page itself stays where it is. */
function scrollInside(box, item) {
  const seen = box.getBoundingClientRect();
  const { top, bottom } = item.getBoundingClientRect();
  box.scrollTop += Math.min(top - seen.top, Math.max(0, bottom - seen.bottom));
}

export class ReviewPanel {
  /**
   * `actions` holds what the buttons do: choose(flag), judge(decision), listen(), seek(s), dismiss(id) and
   * withdraw(missed). `drafts` are the notes that are being written; `figuresShown` is the switch of all figures.
   */
  constructor({ state, drafts, figuresShown, actions, mayWrite }) {
    Object.assign(this, { state, drafts, figuresShown, actions, mayWrite });
    this.chosen = null;
    this.historyShown = false;
    this.playing = false;
    this.shown = new Map(); // of each flag, what its item shows
    this.late = false; // the open flag shows an older state, since somebody writes in it
  }

  /** Draw what has changed: of thousands of flags, those that were judged or opened. */
  draw() {
    this.drawProgress();
    this.drawMissed();
    $("no-flags").hidden = this.state.flags.length > 0;
    const box = $("flag-list");
    if (!this.shown.size) box.replaceChildren(...this.state.flags.map(() => make("li", {})));
    const written = document.activeElement?.id === "note" ? document.activeElement.closest("li") : null;
    const focused = document.activeElement?.closest?.("#flag-list [data-focus]")?.dataset.focus;
    const { scrollTop } = box;
    this.late = false;
    for (const [place, flag] of this.state.flags.entries()) {
      const shows = this.shownOf(flag);
      if (this.shown.get(flag) === shows) continue;
      if (this.shown.has(flag) && box.children[place] === written && flag === this.chosen) {
        this.late = true; // to exchange a field that somebody writes in would break off an input method
      } else {
        this.shown.set(flag, shows);
        box.children[place].replaceWith(this.item(flag));
      }
    }
    box.scrollTop = scrollTop;
    if (focused && !box.contains(document.activeElement)) box.querySelector(`[data-focus="${focused}"]`)?.focus();
  }

  /** Return all that the item of a flag shows and that can change, as a text. */
  shownOf(flag) {
    const shown = [this.state.ownOf(flag), this.state.othersOf(flag), flag === this.chosen];
    if (flag === this.chosen) {
      shown.push(this.playing, this.figuresShown.on, this.drafts.of(flag), this.historyShown && this.state.historyOf(flag));
    }
    return JSON.stringify(shown);
  }

  drawProgress() {
    const { nJudged, nToJudge, ofCall } = this.state;
    $("progress").textContent = say("progress", { n: nJudged, all: nToJudge });
    $("progress-bar").setAttribute("x2", nToJudge ? (100 * nJudged) / nToJudge : 0);
    $("call-done")?.setAttribute("aria-pressed", Boolean(ofCall));
  }

  /** Open a flag in the list, and bring it into view. */
  choose(flag) {
    this.chosen = flag;
    this.draw();
    const item = $("flag-list").querySelector(".chosen");
    if (item) scrollInside($("flag-list"), item);
  }

  item(flag) {
    const own = this.state.ownOf(flag);
    const open = flag === this.chosen;
    const others = this.state.othersOf(flag);
    const head = make("button", {
      type: "button", class: "flag-head", "aria-expanded": String(open), "data-focus": `head-${flag.n}`, title: ruleMeaning(flag) || null,
    },
    own ? decisionSign(own.decision, own) : make("span", { class: "decision none", "aria-label": say("none"), role: "img" }, ""),
    make("span", { class: "at" }, flagTime(flag)),
    signCanvas(16, 14, (pen, ink) => severitySign(pen, ink, flag.severity, flag.severity === "severe" ? 5 : 8, 7, 4.6)),
    make("span", { class: "rule" }, ruleTitle(flag)),
    make("span", { class: "measured" }, flagMeasured(flag)),
    make("span", { class: "others" }, ...others.map((each) => decisionSign(each.decision, { name: each.reviewer }))));
    head.addEventListener("click", () => this.actions.choose(flag));
    return make("li", {
      class: [open ? "chosen" : "", flag.severity === "note" ? "slight" : ""].join(" ").trim() || null, "data-n": flag.n,
      "data-decision": own?.decision,
    }, head, ...(open ? [this.body(flag, own, others)] : []));
  }

  body(flag, own, others) {
    return make("div", { class: "flag-body" },
      ruleMeaning(flag) ? make("p", { class: "meaning" }, ruleMeaning(flag)) : null,
      this.figuresOf(flag),
      this.buttons(own),
      this.mayWrite ? this.noteOf(flag, own) : null,
      this.othersOf(others),
      this.historyShown ? this.historyOf(flag) : null);
  }

  figuresOf(flag) {
    const [measured, limit] = flagLimit(flag);
    const line = make("span", { class: "limit" }, make("b", {}, measured), ` · ${t("figure.limit", { limit })}`);
    const rows = evidenceOf(flag);
    if (!rows.length) return make("p", {}, line);
    const summary = make("summary", {}, line);
    summary.addEventListener("click", (event) => {
      event.preventDefault();
      this.flipFigures();
    });
    return make("details", { open: this.figuresShown.on }, summary, list(rows));
  }

  flipFigures() {
    this.figuresShown.flip();
    this.draw();
  }

  buttons(own) {
    const listen = make("button", {
      type: "button", class: "listen", "aria-pressed": String(this.playing), "data-focus": "listen", "aria-keyshortcuts": "Space",
    }, say(this.playing ? "stop" : "listen"), make("kbd", { "aria-hidden": "true" }, t("page.key_space")));
    listen.addEventListener("click", () => this.actions.listen());
    const history = make("button", { type: "button", "aria-pressed": String(this.historyShown), "data-focus": "history", "aria-keyshortcuts": "H" },
      say("history"), make("kbd", { "aria-hidden": "true" }, "H"));
    history.addEventListener("click", () => this.flipHistory());
    if (!this.mayWrite) return make("div", { class: "judging" }, listen, history);
    const decisions = DECISIONS.map((decision, k) => {
      const button = make("button", {
        type: "button", "data-decision": decision, "data-focus": decision, title: say(decision + "_meaning"),
        "aria-pressed": String(own?.decision === decision), "aria-keyshortcuts": `${k + 1} ${decision[0]}`,
      }, make("span", { class: `decision ${decision}`, "aria-hidden": "true" }, SIGNS[decision]), say(decision),
      make("kbd", { "aria-hidden": "true" }, decision[0].toUpperCase()));
      button.addEventListener("click", () => this.actions.judge(decision));
      return button;
    });
    return make("div", { class: "judging" }, listen, history, make("div", { class: "decisions", role: "group", "aria-label": say("verdict") }, ...decisions));
  }

  noteOf(flag, own) {
    const draft = this.drafts.of(flag);
    const field = make("textarea", {
      id: "note", rows: "2", maxlength: "2000", placeholder: say("note_hint"), "aria-label": say("note"), "aria-describedby": "note-state",
    });
    field.value = draft ?? own?.note ?? "";
    const state = make("p", { id: "note-state", class: "aside" }, draft === undefined ? "" : say(own ? "note_unsaved" : "note_waits"));
    field.addEventListener("input", () => {
      this.drafts.keep(flag, field.value);
      state.textContent = say(own ? "note_unsaved" : "note_waits");
    });
    return make("div", { class: "note" }, field, state);
  }

  /** Return the note to keep with a verdict on a flag: what is being written, or else what was. */
  noteFor(flag) {
    return (this.drafts.of(flag) ?? this.state.ownOf(flag)?.note ?? "").trim();
  }

  othersOf(others) {
    if (!others.length) return null;
    return make("ul", { class: "others-list" }, ...others.map((each) => make("li", {}, decisionSign(each.decision),
      make("b", {}, each.reviewer), ` ${say(each.decision)} `, make("time", {}, whenText(each.at_ms)),
      each.calibration ? make("span", { class: "tag" }, say("in_calibration", { n: each.calibration })) : null, each.note ? make("q", {}, each.note) : null)));
  }

  historyOf(flag) {
    const past = this.state.historyOf(flag);
    return make("div", { class: "history" }, make("h3", {}, say("history")), past.length
      ? make("ol", {}, ...past.map((each) => make("li", {}, make("time", {}, whenText(each.at_ms)), " ", make("b", {}, each.reviewer), " ",
        say(each.undoes ? "undid" : each.decision), each.note && !each.undoes ? make("q", {}, each.note) : null)))
      : make("p", { class: "aside" }, say("no_history")));
  }

  drawMissed() {
    const { missed } = this.state;
    $("missed").hidden = !missed.length;
    $("missed-list").replaceChildren(...missed.map((each) => {
      const seek = make("button", { type: "button", class: "seek" }, clock(each.start_s, true));
      seek.addEventListener("click", () => this.actions.seek(each.start_s));
      const remove = make("button", { type: "button", "aria-label": say("withdraw_missed", { rule: ruleTitle(each), time: clock(each.start_s, true) }) }, "✕");
      remove.addEventListener("click", () => this.actions.withdraw(each));
      return make("li", {}, seek, " ", ruleTitle(each), each.own ? null : make("span", { class: "aside" }, ` ${each.reviewer}`),
        each.own && this.mayWrite ? remove : null);
    }));
  }

  flipHistory() {
    this.historyShown = !this.historyShown;
    this.draw();
  }

  /** Say whether the chosen flag is heard; its button then stops. */
  showPlaying(playing) {
    this.playing = playing;
    const button = $("flag-list").querySelector(".listen");
    if (!button) return;
    button.setAttribute("aria-pressed", playing);
    button.firstChild.textContent = say(playing ? "stop" : "listen");
  }

  /** Say what is on its way to the server; `lost`: the session has ended; `fleeting`: the browser keeps nothing. */
  showSaving(queue, { reviewer, lost, fleeting }) {
    const n = queue.entries.length;
    const ended = lost || queue.trouble === "session";
    const key = !n ? (ended ? "" : "saved") : ended ? "session_ended" : queue.trouble ? "unreachable" : "sending";
    const saving = $("saving");
    saving.dataset.state = key;
    const waits = key === "unreachable" && queue.said ? "waiting" : key; // it answers, and says why it cannot take them
    const text = key ? say(n === 1 && key === "unreachable" ? `${waits}_one` : waits, { n }) : "";
    if (saving.textContent !== text) saving.textContent = text; // it is read out only when it changes
    const session = $("session");
    const reasons = n ? [queue.said, fleeting ? say("fleeting") : null].filter(Boolean).join(" ") : "";
    session.textContent = ended ? say("session", { name: reviewer }) : reasons;
    session.hidden = !session.textContent;
    $("refused").replaceChildren(...queue.refused.map((entry) => {
      const dismiss = make("button", { type: "button" }, say("dismiss"));
      dismiss.addEventListener("click", () => this.actions.dismiss(entry.id));
      return make("li", {}, say("refused", { reason: entry.refused }), " ", dismiss);
    }));
  }
}
