// Judging by keys: what the panel's buttons and the keys do, and the verdicts' way to the server and back.

import { duration } from "../call/call.js";
import { Evidence } from "./evidence.js";
import { showMessage } from "./messages.js";
import { get } from "./requests.js";
import { judgedFlags, flagTime, ruleTitle } from "./review_flags.js";
import { MissedDialog } from "./review_missed.js";
import { ownPrefix, queuePrefix } from "./review_names.js";
import { NoteDrafts } from "./review_notes.js";
import { ReviewPanel } from "./review_panel.js";
import { ReviewQueue } from "./review_queue.js";
import { ReviewState, stillOnTheirWay } from "./review_state.js";
import { sendEntry, switchIn } from "./review_store.js";
import { word } from "./words.js";

const ASK_AGAIN_MS = 3000; // how soon another reviewer's verdict is seen
const LONGEST_ANSWER_MS = 10_000; // after it the server is asked anew

const say = (key, values) => word("workbench_verdicts." + key, values);
const $ = (id) => document.getElementById(id);

export class Review {
  /**
   * `given` is what the server put into the page, `report` shows the call; `openCall(address)` leads to another one.
   * `storage` is the browser's.
   */
  constructor({ given, storage, report, openCall }) {
    Object.assign(this, { given, storage, report, openCall });
    this.kept = ownPrefix(given.store, given.reviewer);
    this.autoAdvance = switchIn(this.storage, "auto_advance", true);
    this.playAtOnce = switchIn(this.storage, "play_at_once", true);
    this.stored = given.state;
    this.lost = false; // the session has ended
    this.state = new ReviewState(judgedFlags(given.flags));
    this.panel = new ReviewPanel({
      state: this.state,
      drafts: new NoteDrafts(this.storage, `${this.kept}note.${given.sound_id}.`),
      figuresShown: switchIn(this.storage, "figures_shown", false),
      mayWrite: given.may_write,
      actions: {
        choose: (flag) => this.choose(flag, { play: true }),
        judge: (decision) => this.judge(decision),
        listen: () => this.listen(),
        seek: (s) => report.seekFromTable(s),
        dismiss: (id) => this.queue.dismiss(id),
        withdraw: (missed) => this.send({ ...missed, decision: "withdrawn", note: "" }),
      },
    });
    this.queue = new ReviewQueue({
      storage: this.storage,
      prefix: queuePrefix(given.store, given.reviewer),
      send: sendEntry,
      later: (run, ms) => window.setTimeout(run, ms),
      onChange: () => this.show(),
      onSaved: (entry, answer) => this.onSaved(entry, answer),
    });
    this.evidence = new Evidence({
      duration,
      addressOf: ({ from, to }) => `${given.addresses.clip}?from_s=${from.toFixed(3)}&to_s=${to.toFixed(3)}&margin_s=0`,
      onTime: (s) => this.followEvidence(s),
      onState: (playing) => {
        this.panel.showPlaying(playing);
        if (!playing && this.heardTo !== undefined) report.player.seek(this.heardTo);
        this.heardTo = undefined;
      },
      onTrouble: (reason) => showMessage(reason ? say("no_clip", { reason }) : say("press_again"), "fault"),
    });
    this.missed = new MissedDialog({ rules: given.rules, duration, onRule: (rule, s) => this.noteMissed(rule, s) });
    report.player.first?.addEventListener("play", () => this.evidence.stop());
    this.listenToPage();
  }

  /** Show the flag that the address names, or else the first that is not judged; send what was left from before. */
  start() {
    this.show();
    if (new URL(window.location.href).searchParams.has("anew")) showMessage(say("judged_anew"));
    const named = this.state.flags.find((flag) => flag.n === this.given.flag);
    const first = named ?? this.state.unjudgedAfter(null) ?? this.state.flags[0] ?? null;
    if (first) this.choose(first, { play: this.given.advanced && this.playAtOnce.on });
    this.queue.flush();
    window.setInterval(() => this.refresh(), ASK_AGAIN_MS);
  }

  // --- choosing and hearing ---

  choose(flag, { play = false } = {}) {
    if (!flag) return;
    this.evidence.stop();
    this.panel.choose(flag);
    this.report.select(flag.drawn);
    if (flag.drawn) this.report.player.seek(Math.max(0, flag.start_s - 3));
    else this.report.timeline.fit();
    if (play) this.evidence.play(flag);
    else this.evidence.prefetch(flag);
    const next = this.state.unjudgedAfter(flag);
    this.evidence.prefetch(next);
    if (!next || next === flag) this.findNextCall();
    const address = new URL(window.location.href);
    address.searchParams.set("flag", flag.n);
    address.searchParams.delete("advanced");
    address.searchParams.delete("anew");
    window.history.replaceState(null, "", address);
  }

  /** Choose the flag `step` places on in the list. */
  step(step) {
    this.choose(this.state.stepFrom(this.panel.chosen, step), { play: this.playAtOnce.on });
  }

  /** Choose the flag that is drawn so in the report. */
  chooseDrawn(drawn) {
    this.choose(this.state.flags.find((flag) => flag.drawn === drawn), { play: true });
  }

  /** Play the seconds around the chosen flag, or stop; where nothing is chosen, the call. */
  listen() {
    const { chosen } = this.panel;
    if (this.evidence.playing) this.evidence.stop();
    else if (!chosen?.drawn || !this.report.player.hasSound) this.report.player.toggle();
    else {
      this.report.player.pause();
      this.evidence.play(chosen);
    }
  }

  followEvidence(s) {
    this.heardTo = s;
    this.report.showTime(s, true);
  }

  // --- judging ---

  /** Judge the chosen flag, and go on. */
  judge(decision) {
    const { chosen } = this.panel;
    if (!chosen || !this.given.may_write) return;
    const note = this.panel.noteFor(chosen);
    const own = this.state.ownOf(chosen);
    this.panel.drafts.drop(chosen);
    if (own?.decision !== decision || (own.note ?? "") !== note) this.send({ ...chosen, decision, note });
    if (this.autoAdvance.on) this.advance(chosen);
    else this.show();
  }

  advance(flag) {
    const next = this.state.unjudgedAfter(flag);
    if (next) this.choose(next, { play: this.playAtOnce.on });
    else this.toNextCall();
  }

  /** Open the next call with flags that the reviewer has not judged. */
  async toNextCall() {
    const { next } = await (this.next ?? this.findNextCall()).catch(() => ({}));
    if (next) this.openCall(next);
    else showMessage(next === null ? say("all_judged") : say("no_next"));
  }

  /** Find the next call to judge, and have the server read its sound, so that it opens at once. */
  findNextCall() {
    this.next = get(this.given.addresses.next);
    this.next.then(({ call }) => call && get(`/calls/${call}/peaks.json`)).catch(() => {});
    this.next.catch(() => { this.next = null; });
    return this.next;
  }

  /** Keep the note: with the verdict if there is one, or else until it is given. */
  saveNote() {
    const { chosen } = this.panel;
    const own = chosen && this.state.ownOf(chosen);
    document.activeElement?.blur();
    if (!own) return;
    const note = this.panel.noteFor(chosen);
    this.panel.drafts.drop(chosen);
    if (note === (own.note ?? "")) this.show();
    else this.send({ ...chosen, decision: own.decision, note });
  }

  /** Say that the call was reviewed and nothing is to be added, or take that back. */
  markCall() {
    if (!this.given.may_write) return;
    const decision = this.state.ofCall ? "withdrawn" : "right";
    this.send({ type: "call", rule: "", n: null, decision, note: "" });
    if (decision === "right" && this.autoAdvance.on) this.toNextCall();
  }

  askMissed() {
    if (!this.given.may_write) return;
    const s = this.heardTo ?? this.report.player.time;
    this.evidence.stop();
    this.report.player.pause();
    this.missed.open(s);
  }

  noteMissed(rule, s) {
    this.send({ type: "missed", rule, side: "agent", start_s: s, end_s: s, n: null, decision: "right", note: "" });
    showMessage(say("missed_noted", { rule: ruleTitle({ rule }), time: flagTime({ start_s: s }) }));
  }

  undo() {
    if (!this.given.may_write) return;
    const client = window.crypto.randomUUID();
    this.queue.add({ id: client, kind: "undo", path: this.given.addresses.undo, body: { client, reviewer: this.given.reviewer } });
  }

  send({ type, n, rule, side = null, start_s: start = null, end_s: end = null, severity = null, decision, note }) {
    const { sound_id: sound, reviewer, calibration, sample, call, addresses } = this.given;
    const client = window.crypto.randomUUID();
    this.queue.add({
      id: client, kind: "verdict", call, path: addresses.verdicts,
      body: { client, reviewer, sound_id: sound, type, n, rule, side, start_s: start, end_s: end, severity, decision, note, calibration, sample },
    });
  }

  // --- the server's answers ---

  onSaved(entry, answer) {
    if (answer.state && answer.call === this.given.call) this.stored = answer.state;
    if (entry.kind !== "undo") {
      if (answer.call && entry.call === this.given.call && answer.call !== entry.call) this.openAnew(answer.call);
      return;
    }
    if (!answer.undone) showMessage(say("nothing_to_undo"));
    else if (answer.address && answer.call !== this.given.call) this.openCall(answer.address);
    else {
      this.show();
      showMessage(say("undone"));
      this.choose(this.state.flags.find((flag) => flag.n === answer.n) ?? this.panel.chosen);
    }
  }

  /** Open the row of this call that was made when it was judged anew, once all verdicts are sent. */
  openAnew(call) {
    if (this.queue.entries.length) return; // the last of them leads here again
    const address = new URL(window.location.href);
    address.pathname = `/calls/${call}`;
    address.searchParams.delete("flag");
    address.searchParams.set("anew", "1");
    this.openCall(address);
  }

  /** Ask whether another reviewer, or this one in another tab, has judged meanwhile. */
  async refresh() {
    if (document.hidden || this.asking || this.queue.entries.length) return;
    this.asking = true; // a slow server is asked once at a time: a browser keeps few connections, and verdicts need one
    const before = [this.stored.number, this.lost];
    try {
      const { call, state } = await get(`${this.given.addresses.state}&since=${this.stored.number}`, { signal: AbortSignal.timeout(LONGEST_ANSWER_MS) });
      this.lost = false;
      if (call !== this.given.call) this.openAnew(call);
      else if (state && state.number > this.stored.number) this.stored = state;
    } catch (error) {
      this.lost = error.status === 401;
    } finally {
      this.asking = false;
    }
    if (before[0] !== this.stored.number || before[1] !== this.lost || this.panel.late) this.show();
  }

  show() {
    const left = stillOnTheirWay(this.queue.entries).filter((entry) => entry.call === this.given.call);
    this.state.replace(this.stored, left);
    this.panel.draw();
    this.panel.showSaving(this.queue, { reviewer: this.given.reviewer, lost: this.lost, fleeting: this.storage.fleeting });
    for (const [id, setting] of [["auto-advance", this.autoAdvance], ["play-at-once", this.playAtOnce]]) $(id)?.setAttribute("aria-pressed", setting.on);
  }

  flip(setting) {
    setting.flip();
    this.show();
  }

  listenToPage() {
    const onClick = {
      "auto-advance": () => this.flip(this.autoAdvance),
      "play-at-once": () => this.flip(this.playAtOnce),
      "call-done": () => this.markCall(),
      "note-missed": () => this.askMissed(),
      undo: () => this.undo(),
    };
    for (const [id, run] of Object.entries(onClick)) $(id)?.addEventListener("click", run);
    $("speed").addEventListener("change", () => this.evidence.setSpeed(Number($("speed").value)));
    // A button that was clicked gives the focus back, so that the space key plays again.
    document.querySelector(".review").addEventListener("click", (event) => event.detail > 0 && event.target.closest("button")?.blur());
    window.addEventListener("storage", () => this.show()); // another tab of this reviewer
    window.addEventListener("focus", () => this.queue.flush());
    window.addEventListener("online", () => this.queue.flush());
    window.addEventListener("beforeunload", (event) => this.storage.fleeting && this.queue.entries.length && event.preventDefault());
  }
}
