// The table of calls. Only the rows near the screen exist; a row keeps its element as long as it stays there.

import { inkOf, signCanvas } from "../shared/canvas.js";
import { make } from "../shared/elements.js";
import { LABELS } from "./calls.js";
import { rowWindow } from "./row_window.js";
import { SIZE, drawSparkline } from "./sparkline.js";

const PRINTED = 200; // rows on paper

export class CallTable {
  constructor({ box, head, body, onSort, onSelect }) {
    Object.assign(this, { box, head, body, onSort, onSelect });
    this.rows = new Map(); // place in the order to element
    this.shown = [];
    this.columns = [];
    this.selected = -1; // place in the order
    this.waiting = false;
    for (const target of [window, document]) target.addEventListener("scroll", () => this.later(), { passive: true });
    window.addEventListener("resize", () => this.later());
  }

  /** Show these columns and calls; `order` is what they are sorted by. */
  show({ columns, calls, order, t, selected }) {
    this.columns = columns;
    this.shown = calls;
    this.selected = selected;
    this.drawHead(order, t);
    this.box.setAttribute("aria-rowcount", calls.length + 1);
    this.box.setAttribute("aria-colcount", columns.length);
    const tracks = columns.filter((column) => column.width).map((column) => column.width).join(" ");
    this.box.style.setProperty("--tracks", tracks);
    this.box.classList.toggle("labelled", columns.some((column) => LABELS.includes(column.name)));
    this.box.style.setProperty("--n-rows", calls.length);
    this.rows.clear();
    this.body.replaceChildren();
    this.fill();
  }

  drawHead(order, t) {
    this.head.replaceChildren(...this.columns.map((column) => {
      const button = make("button", { type: "button", title: t(`index.sort_${column.name}`) }, t(`index.column_${column.name}`));
      button.addEventListener("click", () => this.onSort(column));
      const sort = order.column === column.name ? (order.down ? "descending" : "ascending") : null;
      return make("div", { role: "columnheader", class: `${column.name}${column.number ? " number" : ""}`, "aria-sort": sort }, button);
    }));
  }

  /** Set the focus on the head of a column, which was drawn again. */
  focusHead(name) {
    this.head.querySelector(`.${name} button`)?.focus();
  }

  get rowHeight() {
    return parseFloat(getComputedStyle(this.box).getPropertyValue("--row-height"));
  }

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.fill();
    });
  }

  fill() {
    if (this.box.hidden || this.box.closest("[hidden]")) return;
    const { first, end } = rowWindow({
      top: this.body.getBoundingClientRect().top, height: window.innerHeight, rowHeight: this.rowHeight, n: this.shown.length,
    });
    for (const [place, row] of this.rows) {
      if ((place < first || place >= end) && !row.contains(document.activeElement)) {
        row.remove();
        this.rows.delete(place);
      }
    }
    let before = null;
    const ink = this.ink();
    for (let place = first; place < end; place += 1) {
      let row = this.rows.get(place);
      if (!row) {
        row = this.row(place, ink);
        this.rows.set(place, row);
        if (before) before.after(row); // the order of reading is that of the rows
        else this.body.prepend(row);
      }
      before = row;
    }
  }

  ink() {
    const style = getComputedStyle(this.box);
    return { ...inkOf(this.box), flag: style.getPropertyValue("--flag").trim(), severe: style.getPropertyValue("--severe").trim() };
  }

  row(place, ink) {
    const call = this.shown[place];
    const row = make("div", { role: "row", class: place === this.selected ? "row selected" : "row", "aria-rowindex": place + 2 });
    row.style.setProperty("--place", place);
    for (const column of this.columns) row.append(this.cell(column, column.cell(call), place, ink));
    row.addEventListener("click", (event) => {
      if (!event.target.closest("a") && !String(window.getSelection())) this.onSelect(place);
    });
    return row;
  }

  cell(column, { text, title, class: kind, page, link, picture, lang }, place, ink) {
    const role = column.name === "name" ? "rowheader" : "cell";
    const box = make("div", { role, class: [column.name, column.number ? "number" : "", kind || ""].join(" ").trim(), title: title || null, lang });
    if (picture) {
      const canvas = signCanvas(SIZE.width, SIZE.height, (pen, seen) => drawSparkline(pen, { ...ink, ...seen }, ...picture));
      canvas.removeAttribute("aria-hidden");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", title);
      box.append(canvas);
    } else if (link) {
      const tabindex = place === Math.max(0, this.selected) ? 0 : -1;
      box.append(page ? make("a", { href: page, tabindex, title: text }, text) : make("span", { tabindex, title: text }, text));
      box.firstChild.addEventListener("focus", () => {
        if (place !== this.selected) this.onSelect(place);
      });
    } else box.append(text);
    return box;
  }

  /** Mark the row at a place as the selected one; `focus` brings it into view and gives it the focus. */
  select(place, { focus = false } = {}) {
    const mark = (at, on) => {
      const row = this.rows.get(at);
      if (!row) return;
      row.classList.toggle("selected", on);
      row.querySelector(".name").firstChild.tabIndex = on ? 0 : -1;
    };
    mark(this.selected < 0 ? 0 : this.selected, false);
    this.selected = place;
    mark(place, true);
    if (!focus || place < 0) return;
    this.reveal(place);
    this.fill();
    this.rows.get(place)?.querySelector(".name").firstChild.focus({ preventScroll: true });
  }

  /** Scroll so that the row at a place is between the head of the table and what stands at the foot of the screen. */
  reveal(place) {
    const top = this.body.getBoundingClientRect().top + place * this.rowHeight;
    const headEnd = this.head.getBoundingClientRect().height;
    const footStart = window.innerHeight - (document.getElementById("inspector").getBoundingClientRect().height || 0);
    if (top < headEnd) window.scrollBy(0, top - headEnd);
    else if (top + this.rowHeight > footStart) window.scrollBy(0, top + this.rowHeight - footStart);
  }

  /** Return how many rows fit on the screen. */
  get page() {
    return Math.max(1, Math.floor((window.innerHeight - 160) / this.rowHeight));
  }

  repaint() {
    for (const canvas of this.body.querySelectorAll("canvas")) canvas.drawSign();
  }

  /** Make the first rows for paper, and return how many are left out. */
  fillForPrint() {
    this.rows.clear();
    const n = Math.min(PRINTED, this.shown.length);
    const ink = this.ink();
    this.body.replaceChildren(...Array.from({ length: n }, (_, place) => this.row(place, ink)));
    return this.shown.length - n;
  }

  fillForScreen() {
    this.body.replaceChildren();
    this.fill();
  }
}
