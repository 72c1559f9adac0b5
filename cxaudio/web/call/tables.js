// The tables on the page: tabs, sorting, filters, and rows that lead to their place in the recording.

import { t, texts, twoSided } from "./call.js";
import { signCanvas } from "../shared/canvas.js";
import { make } from "../shared/elements.js";
import { known } from "../shared/numbers.js";
import { compareCells, nextSorting } from "./sorting.js";
import { TABLES } from "./table_columns.js";

const TWO_SIDED = ["flags", "overlaps", "speech", "turns", "responses", "silences", "nudges", "notices"]; // shown even if empty
const ONE_SIDED = ["notices"];

export class Tables {
  constructor({ onSeek, onFlag }) {
    this.onSeek = onSeek;
    this.onFlag = onFlag;
    this.open = "flags";
    this.sorting = new Map(); // table name to { column, down }
    this.filtered = new Set();
    this.selected = null;
    this.tabs = document.getElementById("tabs");
    this.panels = document.getElementById("panels");
    this.tabs.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const shown = this.shownTables();
      const at = shown.findIndex((table) => table.name === this.open);
      this.show(shown[(at + step + shown.length) % shown.length].name);
      document.getElementById("tab-" + this.open).focus();
    });
  }

  /** Return the tables to show: where the recording does not separate the sides, two-sided tables are absent, not empty. */
  shownTables() {
    const always = twoSided ? TWO_SIDED : ONE_SIDED;
    return TABLES.filter((table) => always.includes(table.name) || table.items().length);
  }

  draw() {
    const shown = this.shownTables();
    if (!shown.some((table) => table.name === this.open)) this.open = shown[0].name;
    this.tabs.replaceChildren(...shown.map((table) => {
      const tab = make("button", { type: "button", role: "tab", id: "tab-" + table.name, "aria-controls": "panel-" + table.name },
        t("table." + table.name), make("span", { class: "count" }, String(table.items().length)));
      tab.addEventListener("click", () => this.show(table.name));
      return tab;
    }));
    this.panels.replaceChildren(...shown.map((table) => make("div", {
      class: "panel", role: "tabpanel", id: "panel-" + table.name, "aria-labelledby": "tab-" + table.name, tabindex: "0",
      "data-print": table.print === "no" ? "no" : "yes",
    })));
    this.show(this.open);
  }

  show(name) {
    this.open = name;
    for (const table of this.shownTables()) {
      const on = table.name === name;
      const tab = document.getElementById("tab-" + table.name);
      tab.setAttribute("aria-selected", on);
      tab.tabIndex = on ? 0 : -1;
      document.getElementById("panel-" + table.name).hidden = !on;
    }
    this.fill(TABLES.find((table) => table.name === name));
  }

  fill(table, { printed = false } = {}) {
    const panel = document.getElementById("panel-" + table.name);
    const children = [make("h3", {}, t("table." + table.name))];
    const filtering = table.filter && (this.filtered.has(table.name) || (printed && table.print === "filtered"));
    const items = table.items().filter((item) => !filtering || table.filter.test(item));
    if (table.filter) {
      const box = make("input", { type: "checkbox" });
      box.checked = this.filtered.has(table.name);
      box.addEventListener("change", () => {
        if (box.checked) this.filtered.add(table.name);
        else this.filtered.delete(table.name);
        this.fill(table);
        panel.querySelector("input").focus();
      });
      children.push(make("label", { class: "filter" }, box, " ", t(table.filter.key, table.filter.values)));
    }
    if (!items.length) {
      panel.replaceChildren(...children, make("p", { class: "aside nothing" }, t("page.nothing")));
      return;
    }
    const rows = items.map((item) => ({ item, cells: table.cells(item) }));
    const sorting = this.sorting.get(table.name);
    if (sorting) rows.sort((a, b) => (sorting.down ? -1 : 1) * compareCells(a.cells[sorting.column], b.cells[sorting.column], texts.language()));
    const head = make("tr", {}, ...table.columns.map((column, k) => {
      const button = make("button", { type: "button", title: t("page.sort_hint") }, t("column." + column));
      button.addEventListener("click", () => {
        this.sorting.set(table.name, nextSorting(this.sorting.get(table.name), k));
        this.fill(table);
        document.querySelectorAll(`#panel-${table.name} thead button`)[k].focus();
      });
      const order = sorting && sorting.column === k ? (sorting.down ? "descending" : "ascending") : "none";
      return make("th", { scope: "col", "aria-sort": order, class: rows[0].cells[k].number ? "number" : null }, button);
    }));
    const body = make("tbody", {}, ...rows.map(({ item, cells }) => this.row(table, item, cells)));
    panel.replaceChildren(...children, make("table", {}, make("thead", {}, head), body));
  }

  row(table, item, cells) {
    const from = cells[0].seek;
    const go = () => known(from) && (table.name === "flags" ? this.onFlag(item) : this.onSeek(from));
    const row = make("tr", { class: table.name === "flags" && item === this.selected ? "selected" : null, "data-start": from });
    cells.forEach((cell, k) => {
      const sign = cell.sign ? signCanvas(16, 14, table.sign(item)) : null;
      const text = k === 0 && known(from)
        ? make("button", { type: "button", class: "seek", "aria-label": t("page.seek_hint", { time: cell.text }) }, cell.text)
        : cell.text;
      const content = cell.parts ? cell.parts.map((part) => make("span", {}, part)) : [sign, text];
      row.append(make("td", { class: [cell.number ? "number" : "", cell.class || ""].join(" ").trim() || null, title: cell.title }, ...content));
    });
    row.addEventListener("click", () => {
      if (!String(window.getSelection())) go(); // a reader who selects text to copy it does not want to play
    });
    return row;
  }

  select(flag) {
    this.selected = flag;
    const table = TABLES[0];
    if (this.open === table.name && document.getElementById("panel-flags")) this.fill(table);
  }

  fillForPrint() {
    for (const table of this.shownTables()) if (table.print !== "no") this.fill(table, { printed: true });
  }

  repaintSigns() {
    for (const canvas of this.panels.querySelectorAll("canvas")) canvas.drawSign();
  }
}
