// Puts the page of many calls together: the table, its filters and order, keys, language and theme.

import { list, make } from "../shared/elements.js";
import { Calls, LABELS } from "./calls.js";
import { failedTable, passingFailures } from "./failed_table.js";
import { FilterBar } from "./filter_bar.js";
import { passingCalls } from "./filtering.js";
import { fragmentOf, viewOf } from "./fragment.js";
import { nextOrder, ordered } from "./ordering.js";
import { CallTable } from "./table.js";
import { addressOf, columnsOf, searchedText } from "./table_columns.js";
import { canUnpack, unpacked } from "./unpack.js";
import { createWords } from "./words.js";

const $ = (id) => document.getElementById(id);
const facts = JSON.parse($("facts").textContent);
const words = createWords({ catalogues: facts.texts, language: facts.language });
const { t } = words;
const TYPING_PAUSE = 120; // milliseconds after the last letter

class IndexPage {
  constructor(calls) {
    this.calls = calls;
    this.searched = new Array(calls.n); // made when they are first needed
    this.values = new Map(); // what a column is sorted by
    this.shown = [];
    this.selected = -1; // place in the order
    this.call = -1; // the call that was selected there
    this.columns = columnsOf(calls, words, facts.sentence_language);
    this.view = viewOf(window.location.hash, this.columns.map((column) => column.name));
    this.table = new CallTable({
      box: $("calls"), head: $("calls-head"), body: $("calls-body"),
      onSort: (column) => this.sortBy(column), onSelect: (place) => this.select(place),
    });
    this.bar = new FilterBar({
      box: $("filters"), search: $("search"), calls, words,
      onChange: (filter) => {
        this.view.filter = filter;
        clearTimeout(this.pause);
        this.pause = setTimeout(() => this.update(), calls.n > 5000 ? TYPING_PAUSE : 0);
      },
    });
    this.listen();
    this.showTexts();
  }

  // --- what is shown ---

  showTexts() {
    const root = document.documentElement;
    root.lang = t("language.html");
    root.dataset.language = words.language();
    document.title = `${t("index.title")} · cxaudio`;
    for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
    for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
    for (const element of document.querySelectorAll("[data-t-placeholder]")) element.placeholder = t(element.dataset.tPlaceholder);
    for (const button of document.querySelectorAll("[data-set-language]")) button.setAttribute("aria-pressed", button.dataset.setLanguage === words.language());
    $("headline").textContent = facts.head[words.language()];
    $("made-by").textContent = t("page.made_by", { version: facts.version });
    const keys = [["/", "search"], ["J K ↓ ↑", "move"], ["↵", "open"], ["R", "reset"], ["Esc", "escape"]];
    $("key-list").replaceChildren(...keys.map(([key, name]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, t(`index.key_${name}`)))));
    $("left-out").hidden = facts.n_listed === facts.n_calls;
    $("left-out").textContent = t("index.left_out", { shown: words.whole(facts.n_listed), n: words.whole(facts.n_calls) });
    this.columns = columnsOf(this.calls, words, facts.sentence_language);
    this.values.clear();
    this.searched.fill(undefined);
    this.bar.draw(this.view.filter);
    this.update({ keepPlace: true });
  }

  /** Show what the view asks for, and write it into the page's address. */
  update({ keepPlace = false } = {}) {
    const { filter, order, tab } = this.view;
    const makeText = searchedText(this.calls, words);
    const found = passingCalls(this.calls, filter, (call) => (this.searched[call] ??= makeText(call)));
    const column = this.columns.find(({ name }) => name === order.column);
    if (column && !this.values.has(column.name)) this.values.set(column.name, column.values());
    this.shown = ordered(found, column ? this.values.get(column.name) : null, order.down);
    this.selected = this.selectedPlace();
    const failures = passingFailures(facts.failed, filter.q);
    for (const name of ["calls", "failed"]) {
      $(`tab-${name}`).setAttribute("aria-selected", tab === name);
      $(`tab-${name}`).tabIndex = tab === name ? 0 : -1;
      $(`panel-${name}`).hidden = tab !== name;
    }
    $("filters").hidden = tab !== "calls";
    $("tab-failed").hidden = !facts.n_failed;
    $("tab-calls").lastElementChild.textContent = words.whole(facts.n_calls);
    $("tab-failed").lastElementChild.textContent = words.whole(facts.n_failed);
    $("reset").disabled = !Object.keys(filter).length && !order.column;
    $("status").textContent = tab === "calls"
      ? t("index.shown", { n: words.whole(this.shown.length), of: words.whole(facts.n_listed) })
      : t("index.failed_shown", { n: words.whole(failures.length), of: words.whole(facts.n_failed) });
    $("order").textContent = tab !== "calls" ? "" : column
      ? t(order.down ? "index.order_down" : "index.order_up", { column: t(`index.column_${column.name}`) }) : t("index.order_worst");
    $("nothing").hidden = this.shown.length > 0;
    if (tab === "failed") {
      $("failed").replaceChildren(failedTable(failures, words));
      $("failed-left-out").hidden = facts.failed.length === facts.n_failed;
      $("failed-left-out").textContent = t("index.failed_left_out", { shown: words.whole(facts.failed.length), n: words.whole(facts.n_failed) });
    }
    this.table.show({ columns: this.columns, calls: this.shown, order, t, selected: this.selected });
    this.showInspector();
    this.writeAddress();
    if (!keepPlace && window.scrollY > this.tableTop) window.scrollTo(0, this.tableTop);
  }

  /** Return where the call is that the view names, -1 where it is not shown; of several with that name, the one that was selected. */
  selectedPlace() {
    if (!this.view.call) return -1;
    const isNamed = (call) => call >= 0 && this.calls.value("name", call) === this.view.call;
    return isNamed(this.call) ? this.shown.indexOf(this.call) : this.shown.findIndex(isNamed);
  }

  get tableTop() {
    return $("calls").getBoundingClientRect().top + window.scrollY;
  }

  writeAddress() {
    const fragment = fragmentOf(this.view);
    this.written = fragment;
    history.replaceState(null, "", fragment ? `#${fragment}` : window.location.pathname + window.location.search);
  }

  showInspector() {
    const box = $("inspector");
    box.hidden = this.selected < 0 || this.view.tab !== "calls";
    if (box.hidden) return;
    const call = this.shown[this.selected];
    const { calls } = this;
    const page = addressOf(calls.value("page", call));
    const rows = [
      ...LABELS.filter((label) => calls.has(label)).map((label) => [t(`index.column_${label}`), calls.value(label, call) ?? t("page.unknown")]),
      [t("index.column_rules"), calls.words("rules", call).map(words.rule).join(t("index.comma"))],
      [t("index.column_limits"), calls.words("whole_call_rules", call).map(words.limit).join(t("index.comma"))],
      [t("index.column_notices"), calls.words("notices", call).map(words.notice).join(t("index.comma"))],
    ].filter(([, value]) => value);
    const close = make("button", { type: "button" }, t("page.clear"));
    close.addEventListener("click", () => this.select(-1));
    box.replaceChildren(
      make("div", {},
        make("p", { class: "sentence", lang: facts.sentence_language }, calls.value("sentence", call)),
        list([[t("index.column_name"), calls.value("name", call)], ...rows])),
      make("p", { class: "actions" }, page ? make("a", { href: page }, t("index.open")) : t("index.no_page"), close),
    );
  }

  // --- what the reader does ---

  sortBy(column) {
    this.view.order = nextOrder(this.view.order, column.name, column.downFirst);
    this.update();
    this.table.focusHead(column.name);
  }

  select(place, { focus = false } = {}) {
    this.selected = place;
    this.call = place < 0 ? -1 : this.shown[place];
    this.view.call = place < 0 ? "" : this.calls.value("name", this.call);
    this.table.select(place, { focus: false });
    this.showInspector();
    this.writeAddress();
    if (focus) this.table.select(place, { focus: true });
  }

  /** Go some rows on from the selected one. */
  step(by) {
    if (this.view.tab !== "calls" || !this.shown.length) return;
    const from = this.selected < 0 ? (by > 0 ? -1 : this.shown.length) : this.selected;
    this.select(Math.min(this.shown.length - 1, Math.max(0, from + by)), { focus: true });
  }

  reset() {
    this.view = { filter: {}, order: { column: "", down: false }, tab: this.view.tab, call: "" };
    this.bar.set({});
    this.update();
  }

  openTab(tab) {
    this.view.tab = tab;
    this.update({ keepPlace: true });
    $(`tab-${tab}`).focus();
  }

  openSelected() {
    const link = this.selected >= 0 && $("inspector").querySelector(".actions a");
    if (link) link.click();
  }

  listen() {
    for (const tab of ["calls", "failed"]) {
      $(`tab-${tab}`).addEventListener("click", () => this.openTab(tab));
      $(`tab-${tab}`).addEventListener("keydown", (event) => {
        if (!["ArrowLeft", "ArrowRight"].includes(event.key) || !facts.n_failed) return;
        event.preventDefault();
        event.stopPropagation();
        this.openTab(tab === "calls" ? "failed" : "calls");
      });
    }
    $("reset").addEventListener("click", () => this.reset());
    $("print").addEventListener("click", () => window.print());
    for (const button of document.querySelectorAll("[data-set-language]")) {
      button.addEventListener("click", () => {
        words.setLanguage(button.dataset.setLanguage);
        this.showTexts();
      });
    }
    for (const button of document.querySelectorAll("[data-set-theme]")) {
      button.addEventListener("click", () => {
        if (button.dataset.setTheme === "auto") delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = button.dataset.setTheme;
        for (const other of document.querySelectorAll("[data-set-theme]")) other.setAttribute("aria-pressed", other === button);
        this.repaint();
      });
    }
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
    window.addEventListener("hashchange", () => {
      if (window.location.hash.replace(/^#/, "") === this.written) return;
      this.view = viewOf(window.location.hash, this.columns.map((column) => column.name));
      this.bar.set(this.view.filter);
      this.update();
      this.showSelected();
    });
    window.addEventListener("beforeprint", () => {
      const n = this.table.fillForPrint();
      $("print-left-out").textContent = n ? words.counted("index.print_left_out", n) : "";
    });
    window.addEventListener("afterprint", () => this.table.fillForScreen());
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  repaint() {
    this.update({ keepPlace: true });
  }

  /** Bring the call that the address names into view. */
  showSelected() {
    if (this.selected >= 0) this.table.select(this.selected, { focus: true });
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = document.activeElement;
    if (event.key === "Escape") {
      if (at === $("search")) at.blur();
      else this.select(-1);
      return;
    }
    if (at && at.matches("input:not([type=checkbox]), select")) {
      if (at === $("search") && (event.key === "Enter" || event.key === "ArrowDown")) {
        event.preventDefault();
        clearTimeout(this.pause);
        this.update();
        this.selected = -1;
        this.step(1);
      }
      return;
    }
    const actions = {
      "/": () => {
        $("search").focus();
        $("search").select();
      },
      j: () => this.step(1), k: () => this.step(-1), ArrowDown: () => this.step(1), ArrowUp: () => this.step(-1),
      PageDown: () => this.step(this.table.page), PageUp: () => this.step(-this.table.page),
      Home: () => this.step(-Infinity), End: () => this.step(Infinity),
      r: () => this.reset(),
      Enter: () => this.openSelected(),
    };
    const inTable = at && (at === document.body || at.closest("#calls, #inspector"));
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.key === "Enter" && (!inTable || at.matches("a, button"))) return; // it opens by itself
    if (["Home", "End", "PageUp", "PageDown"].includes(name) && this.selected < 0) return; // the page scrolls
    if (name.startsWith("Arrow") && !inTable) return;
    if (!Object.hasOwn(actions, name)) return;
    event.preventDefault();
    actions[name]();
  }
}

async function start() {
  if (!canUnpack()) {
    $("old-browser").hidden = false;
    return;
  }
  const calls = new Calls(await unpacked($("columns").textContent.trim()));
  for (const element of document.querySelectorAll("main > [hidden], .switches[hidden]")) if (element.id !== "old-browser") element.hidden = false;
  const page = new IndexPage(calls);
  page.showSelected();
  document.documentElement.dataset.ready = "yes";
}

start();
