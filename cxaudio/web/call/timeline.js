// The timeline on the screen: draws the view, and lets pointer and fingers move it.

import { duration, end } from "./call.js";
import { inkOf, penOn } from "../shared/canvas.js";
import { hitAt } from "./hits.js";
import { callLayout, drawLanes } from "./lanes.js";
import { MINIMAP_HEIGHT, paintMinimap } from "./minimap.js";
import { fillTooltip } from "./tooltip.js";
import { centred, following, moved, viewAround, viewOf, zoomed } from "./view.js";

export class Timeline {
  constructor({ onSeek, onFlag, onDrawn = () => {} }) {
    this.box = document.getElementById("lanes");
    this.drawing = document.getElementById("drawing");
    this.overlay = document.getElementById("overlay");
    this.minimap = document.getElementById("minimap");
    this.tooltip = document.getElementById("tooltip");
    this.onSeek = onSeek;
    this.onFlag = onFlag;
    this.onDrawn = onDrawn;
    this.view = { from: 0, to: duration };
    this.playhead = 0;
    this.pointer = null;
    this.selected = null;
    this.pending = false;
    this.listen();
    new ResizeObserver(() => this.redraw()).observe(this.box);
  }

  // --- view ---

  look(view) {
    this.view = view;
    this.schedule();
  }

  fit() {
    this.look(viewOf(0, duration, duration));
  }

  /** Zoom by a factor about an instant, by default the middle of the view. */
  zoom(factor, about = (this.view.from + this.view.to) / 2) {
    this.look(zoomed(this.view, factor, about, duration));
  }

  /** Move the view by a share of its length. */
  pan(share) {
    this.look(moved(this.view, share * (this.view.to - this.view.from), duration));
  }

  /** Return what keys zoom about: the playhead if it is seen; undefined stands for the middle. */
  playheadInView() {
    const { from, to } = this.view;
    return this.playhead > from && this.playhead < to ? this.playhead : undefined;
  }

  select(flag) {
    this.selected = flag;
    this.look(flag ? viewAround(flag.start, end(flag), duration) : this.view);
  }

  movePlayhead(s, follow) {
    this.playhead = s;
    const view = following(this.view, s, duration);
    if (follow && view !== this.view) this.look(view);
    this.drawOverlay();
    this.drawMinimapWindow();
  }

  // --- drawing ---

  schedule() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.redraw();
    });
  }

  redraw() {
    const width = this.box.clientWidth;
    if (!width) return;
    const began = performance.now();
    const layout = callLayout(width);
    const pen = penOn(this.drawing, width, layout.height);
    this.ink = inkOf(document.documentElement);
    this.scene = drawLanes(pen, this.ink, this.view, layout);
    this.overlayPen = penOn(this.overlay, width, layout.height);
    this.drawOverlay();
    this.drawMinimap();
    this.box.dataset.drawMs = (performance.now() - began).toFixed(1);
    this.box.dataset.from = this.view.from.toFixed(3);
    this.box.dataset.to = this.view.to.toFixed(3);
    this.onDrawn(this.view, layout);
  }

  drawOverlay() {
    if (!this.scene) return;
    const pen = this.overlayPen;
    const { layout, x } = this.scene;
    const { ink } = this;
    const bottom = layout.height - 8;
    pen.clearRect(0, 0, layout.width, layout.height);
    pen.save();
    pen.beginPath();
    pen.rect(layout.left - 6, 0, layout.right - layout.left + 12, layout.height);
    pen.clip();
    if (this.selected) {
      const x0 = x(this.selected.start);
      const width = Math.max(2, x(end(this.selected)) - x0);
      const colour = this.selected.severity === "note" ? ink.ink_3 : ink.alarm;
      pen.fillStyle = colour;
      pen.globalAlpha = 0.08;
      pen.fillRect(x0, layout.lanes.axis.bottom, width, bottom - layout.lanes.axis.bottom);
      pen.globalAlpha = 0.8;
      pen.fillRect(x0 - 0.5, layout.lanes.axis.bottom, 1, bottom - layout.lanes.axis.bottom);
      pen.fillRect(x0 + width - 0.5, layout.lanes.axis.bottom, 1, bottom - layout.lanes.axis.bottom);
      pen.globalAlpha = 1;
    }
    if (this.pointer) {
      pen.fillStyle = ink.ink_3;
      pen.globalAlpha = 0.55;
      pen.fillRect(Math.round(this.pointer.x), layout.lanes.axis.bottom, 1, bottom - layout.lanes.axis.bottom);
      pen.globalAlpha = 1;
    }
    const at = x(this.playhead);
    pen.fillStyle = ink.ink;
    pen.fillRect(at - 0.75, layout.lanes.axis.bottom - 6, 1.5, bottom - layout.lanes.axis.bottom + 6);
    pen.beginPath();
    pen.moveTo(at - 5, layout.lanes.axis.bottom - 8);
    pen.lineTo(at + 5, layout.lanes.axis.bottom - 8);
    pen.lineTo(at, layout.lanes.axis.bottom - 1);
    pen.closePath();
    pen.fill();
    pen.restore();
  }

  drawMinimap() {
    const layout = this.scene.layout;
    const pen = penOn(this.minimap, layout.width, MINIMAP_HEIGHT);
    this.minimapPen = pen;
    // The whole call changes only with width and colours, so it is kept as a picture.
    const key = [layout.width, layout.left, layout.right, this.ink.paper, this.ink.agent].join();
    if (this.minimapKey !== key) {
      this.minimapKey = key;
      this.minimapPicture = document.createElement("canvas");
      paintMinimap(penOn(this.minimapPicture, layout.width, MINIMAP_HEIGHT, { detached: true }), this.ink, layout);
    }
    this.drawMinimapWindow();
  }

  drawMinimapWindow() {
    if (!this.minimapPen) return;
    const pen = this.minimapPen;
    const { layout } = this.scene;
    const height = MINIMAP_HEIGHT;
    pen.clearRect(0, 0, layout.width, height);
    pen.drawImage(this.minimapPicture, 0, 0, layout.width, height);
    const x = (s) => layout.left + (s / duration) * (layout.right - layout.left);
    const [x0, x1] = [x(this.view.from), x(this.view.to)];
    pen.fillStyle = this.ink.paper;
    pen.globalAlpha = 0.68;
    pen.fillRect(layout.left - 3, 0, x0 - layout.left + 3, height);
    pen.fillRect(x1, 0, layout.right - x1 + 3, height);
    pen.globalAlpha = 1;
    pen.strokeStyle = this.ink.ink_2;
    pen.lineWidth = 1;
    pen.strokeRect(Math.round(x0) + 0.5, 0.5, Math.max(3, Math.round(x1 - x0) - 1), height - 1);
    pen.fillStyle = this.ink.ink;
    pen.fillRect(x(this.playhead) - 0.75, 0, 1.5, height);
  }

  // --- pointer ---

  listen() {
    const { box } = this;
    const fingers = new Map();
    let press = null;
    let lastScroll = -Infinity;
    const place = (event) => {
      const frame = box.getBoundingClientRect();
      return { x: event.clientX - frame.left, y: event.clientY - frame.top };
    };
    window.addEventListener("scroll", () => { lastScroll = performance.now(); }, { passive: true });
    box.addEventListener("wheel", (event) => {
      // A page that is being scrolled keeps scrolling when the timeline comes under the pointer, and so does one that shows the whole call.
      const scrolling = performance.now() - lastScroll < 200 && !event.ctrlKey;
      const whole = this.view.to - this.view.from >= duration - 1e-6;
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
      if (scrolling || (whole && (sideways || event.deltaY > 0) && !event.ctrlKey)) return;
      event.preventDefault();
      const pixels = event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? 400 : 1;
      if (sideways) this.pan(((event.deltaX || event.deltaY) * pixels) / (this.scene.layout.right - this.scene.layout.left));
      else this.zoom(Math.exp((-event.deltaY * pixels * (event.ctrlKey ? 3 : 1)) / 500), this.scene.time(place(event).x));
    }, { passive: false });
    box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      fingers.set(event.pointerId, place(event));
      press = { ...place(event), view: this.view, moved: fingers.size > 1, spread: null };
    });
    box.addEventListener("pointermove", (event) => {
      const at = place(event);
      if (fingers.has(event.pointerId)) fingers.set(event.pointerId, at);
      if (!press) {
        this.hover(at);
        return;
      }
      if (fingers.size === 2) {
        this.pinch([...fingers.values()], press);
        return;
      }
      if (!press.moved && Math.abs(at.x - press.x) < 5) return;
      if (!press.moved) {
        press.moved = true;
        box.setPointerCapture(event.pointerId);
        box.classList.add("dragging");
        this.hover(null);
      }
      const { from, to } = press.view;
      const shift = ((press.x - at.x) / (this.scene.layout.right - this.scene.layout.left)) * (to - from);
      this.look(moved(press.view, shift, duration));
    });
    const release = (event) => {
      const was = press;
      fingers.delete(event.pointerId);
      if (!fingers.size) {
        press = null;
        box.classList.remove("dragging");
      }
      if (event.type === "pointerup" && was && !was.moved) this.click(place(event));
    };
    box.addEventListener("pointerup", release);
    box.addEventListener("pointercancel", release);
    box.addEventListener("pointerleave", () => this.hover(null));
    const steer = (event) => {
      const frame = this.minimap.getBoundingClientRect();
      const { left, right } = this.scene.layout;
      this.look(centred(this.view, ((event.clientX - frame.left - left) / (right - left)) * duration, duration));
    };
    this.minimap.addEventListener("pointerdown", (event) => {
      this.minimap.setPointerCapture(event.pointerId);
      steer(event);
    });
    this.minimap.addEventListener("pointermove", (event) => {
      if (this.minimap.hasPointerCapture(event.pointerId)) steer(event);
    });
  }

  pinch([a, b], press) {
    const spread = Math.max(20, Math.abs(a.x - b.x));
    const middle = this.scene.time((a.x + b.x) / 2);
    if (press.spread) this.zoom(spread / press.spread, middle);
    press.spread = spread;
    press.moved = true;
  }

  hover(at) {
    const { layout } = this.scene;
    this.pointer = at && at.x >= layout.left && at.x <= layout.right ? at : null;
    this.drawOverlay();
    if (!this.pointer) {
      this.tooltip.hidden = true;
      return;
    }
    const hit = hitAt(this.scene.hits, at.x, at.y);
    fillTooltip(this.tooltip, hit, this.scene.time(at.x));
    this.tooltip.hidden = false;
    const { offsetWidth, offsetHeight } = this.tooltip;
    const beside = at.x + 16 + offsetWidth < layout.width ? at.x + 16 : Math.max(0, at.x - 16 - offsetWidth);
    this.tooltip.style.left = `${beside}px`;
    this.tooltip.style.top = `${Math.max(-20, Math.min(at.y + 14, layout.height - offsetHeight))}px`;
    this.box.style.cursor = hit && hit.kind === "flag" ? "pointer" : "";
  }

  click(at) {
    const { layout, hits, time } = this.scene;
    if (at.x < layout.left || at.x > layout.right) return;
    const hit = hitAt(hits, at.x, at.y);
    this.hover(null);
    if (hit && hit.kind === "flag") this.onFlag(hit.item);
    else this.onSeek(Math.min(duration, Math.max(0, time(at.x))));
  }
}
