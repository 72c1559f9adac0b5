// The waveform of a call: the agent's side above, the customer's below, drawn from peaks that the server computes.
//
//   const waveform = new Waveform(element, {
//     address: "/calls/ID/peaks.json", // of the call
//     duration,                        // seconds
//     label,                           // what a screen reader says of it
//     names: { agent, customer },      // written at the left of the lanes; may be left out
//     left: 118, right: 12,            // pixels beside the time axis, as the timeline has them
//     onSeek(s),                       // somebody pressed at this instant
//     onPeaks({ changed, warning }),   // all peaks are there: `warning` is a sentence, or null
//     onTrouble(sentence),             // why there is no waveform
//   });
//   waveform.look({ from, to });       // the part of the call that is seen, in seconds
//   waveform.movePlayhead(s);
//   waveform.redraw();                 // after the theme was changed by hand
//   waveform.close();
//
// The element stays empty until the first peaks are there. While sharper ones are fetched, what is known is drawn.

import { make } from "../shared/elements.js";
import { inkOf, penOn } from "../shared/canvas.js";
import { get } from "./requests.js";
import { extremesBetween, isSharp, loudest, partOf, sharpest, wanted } from "./waveform_peaks.js";

const LANE = 44; // pixels of the height of a lane
const BETWEEN = 6;
const WAIT_MS = 120; // after the last change of the view, before sharper peaks are fetched
const KEPT = 6; // parts in memory beside that of the whole call
const WHOLE_BINS = 2000;

export class Waveform {
  constructor(element, { address, duration, label = "", names = {}, left = 0, right = 0, onSeek, onPeaks, onTrouble }) {
    Object.assign(this, { element, address, duration, names, left, right, onSeek, onPeaks, onTrouble });
    this.view = { from: 0, to: duration };
    this.playhead = 0;
    this.parts = [];
    this.whole = null;
    this.finest = 0;
    this.end = duration;
    this.known = 0;
    this.closing = new AbortController();
    this.drawing = make("canvas", { role: "img", "aria-label": label });
    this.overlay = make("canvas", { "aria-hidden": "true" });
    Object.assign(element.style, { position: "relative" });
    for (const canvas of [this.drawing, this.overlay]) Object.assign(canvas.style, { display: "block", width: "100%" });
    Object.assign(this.overlay.style, { position: "absolute", left: "0", top: "0" });
    element.replaceChildren(this.drawing, this.overlay);
    this.listen();
    this.fetchWhole();
  }

  listen() {
    const { signal } = this.closing;
    this.sizes = new ResizeObserver(() => this.redraw());
    this.sizes.observe(this.element);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw(), { signal });
    this.themes = new MutationObserver(() => this.redraw());
    this.themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.overlay.addEventListener("pointerdown", (event) => {
      const s = this.timeAt(event.clientX - this.overlay.getBoundingClientRect().left);
      if (event.button === 0 && this.onSeek && s >= this.view.from && s <= this.view.to) this.onSeek(s);
    }, { signal });
  }

  /** Show another part of the call. */
  look(view) {
    this.view = { from: view.from, to: view.to };
    this.schedule();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.sharpen(), WAIT_MS);
  }

  movePlayhead(s) {
    this.playhead = s;
    this.drawOverlay();
  }

  close() {
    this.closing.abort();
    this.asking?.abort();
    this.sizes.disconnect();
    this.themes.disconnect();
    clearTimeout(this.waiting);
    this.element.replaceChildren();
  }

  // --- peaks ---

  async ask({ from, to, n }, signal) {
    return get(`${this.address}?from_s=${from.toFixed(6)}&to_s=${to.toFixed(6)}&n=${n}`, { signal });
  }

  /** Fetch the peaks of the whole call; of a long one the server gives more with each answer, and each is drawn. */
  async fetchWhole() {
    try {
      let answer = null;
      do {
        answer = await this.ask({ from: 0, to: this.duration, n: WHOLE_BINS }, this.closing.signal);
        this.whole = partOf(answer);
        this.loud = loudest(this.whole);
        this.finest = 1 / answer.sample_rate_hz;
        this.end = answer.duration_s; // of the sound; the call's own length may be rounded
        this.known = answer.known_to_s;
        this.redraw();
      } while (answer.known_to_s < answer.to_s);
      this.onPeaks?.(answer);
      this.sharpen();
    } catch (error) {
      if (error.name !== "AbortError") this.onTrouble?.(error.message);
    }
  }

  /** Return the part of the view in which there is sound. */
  sounding() {
    const { from, to } = this.view;
    return { from: Math.min(from, this.end), to: Math.min(to, this.end) };
  }

  /** Fetch peaks that are as sharp as the screen, unless they are there. */
  async sharpen() {
    const { columns } = this;
    if (!this.whole || !columns) return;
    const view = this.sounding();
    if (isSharp(sharpest([this.whole, ...this.parts], view), view, columns, this.finest)) return;
    this.asking?.abort();
    this.asking = new AbortController();
    try {
      const answer = await this.ask(wanted(view, columns, this.end), this.asking.signal);
      if (answer.known_to_s < answer.to_s) return; // it is asked again once all is known
      const part = partOf(answer);
      this.parts = [...this.parts.slice(1 - KEPT), part];
      this.redraw();
    } catch (error) {
      // The coarse picture stays; the next look asks again.
      if (error.name !== "AbortError" && !this.parts.length) this.onTrouble?.(error.message);
    }
  }

  // --- drawing ---

  timeAt(px) {
    return this.view.from + ((px - this.left) / (this.width - this.left - this.right)) * (this.view.to - this.view.from);
  }

  schedule() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.redraw();
    });
  }

  redraw() {
    this.width = this.element.clientWidth;
    if (!this.width || !this.whole) return;
    const sides = ["agent", "customer"].filter((side) => side in this.whole.sides);
    this.height = sides.length * LANE + (sides.length - 1) * BETWEEN;
    const pen = penOn(this.drawing, this.width, this.height);
    const fromEdge = Math.max(0, this.width - this.left - this.right);
    this.columns = Math.round(fromEdge * pen.getTransform().a);
    this.ink = inkOf(this.element);
    pen.clearRect(0, 0, this.width, this.height);
    const best = sharpest([this.whole, ...this.parts], this.sounding());
    sides.forEach((side, number) => this.drawLane(pen, best, side, number * (LANE + BETWEEN)));
    this.drawOverlay();
  }

  drawLane(pen, part, side, top) {
    const middle = top + LANE / 2;
    const { ink, columns } = this;
    const scale = pen.getTransform().a;
    pen.fillStyle = ink.rule;
    pen.fillRect(this.left, middle - 0.5 / scale, columns / scale, 1 / scale);
    if (this.names[side] && this.left > 40) {
      pen.fillStyle = ink[`${side}_ink`];
      pen.font = `12px ${ink.font}`;
      pen.textBaseline = "middle";
      pen.fillText(this.names[side], 0, middle, this.left - 10);
    }
    const step = (this.view.to - this.view.from) / columns;
    const reach = LANE / 2 - 1;
    pen.fillStyle = ink[side];
    for (let column = 0; column < columns; column += 1) {
      const from = this.view.from + column * step;
      const found = from < this.known || part !== this.whole ? extremesBetween(part, side, from, from + step) : null;
      if (!found) continue;
      const [low, high] = found.map((value) => Math.max(-1, Math.min(1, value / this.loud)) * reach);
      pen.fillRect(this.left + column / scale, middle - high, 1 / scale, Math.max(high - low, 1 / scale));
    }
  }

  drawOverlay() {
    if (!this.ink || !this.height) return;
    const pen = penOn(this.overlay, this.width, this.height);
    pen.clearRect(0, 0, this.width, this.height);
    const { from, to } = this.view;
    if (this.playhead < from || this.playhead > to) return;
    const at = this.left + ((this.playhead - from) / (to - from)) * (this.width - this.left - this.right);
    pen.fillStyle = this.ink.ink;
    pen.fillRect(at - 0.75, 0, 1.5, this.height);
  }
}
