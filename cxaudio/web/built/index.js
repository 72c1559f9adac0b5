// Made by "npm run bundle" from sources sha256:d69f80f02f32cf16193959dc3c52a468d475b676518ea6e99fadffc2aab0517d; what follows is sha256:dd09f296d4ca248e41c1935e94d9c956eeaf038bff823f06a149694180f9f33d
"use strict";
(() => {
  // cxaudio/web/shared/elements.js
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === void 0) continue;
      if (name === "class") element.className = value;
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== void 0));
    return element;
  }
  var list = (rows) => make("dl", {}, ...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));

  // cxaudio/web/index/calls.js
  var N_PARTS = 60;
  var NUMBERS = ["started", "duration", "n_severe", "n_flag", "n_whole_call", "in_step"];
  var LABELS = ["agent", "team", "queue", "direction"];
  var numbers = (values) => Float64Array.from(values, (value) => value === null ? NaN : value);
  function countedValues({ values, at }, language) {
    const counts = new Uint32Array(values.length);
    for (const k of at) counts[k] += 1;
    return values.map((value, k) => ({ value, n: counts[k] })).filter(({ value }) => value !== null && value !== "").sort((a, b) => a.value.localeCompare(b.value, language, { numeric: true }));
  }
  function countedWords({ values, at }) {
    const counts = /* @__PURE__ */ new Map();
    const words2 = values.map((value) => value ? value.split(" ") : []);
    for (const k of at) for (const word of words2[k]) counts.set(word, (counts.get(word) || 0) + 1);
    return [...counts].map(([value, n]) => ({ value, n })).sort((a, b) => b.n - a.n || (a.value < b.value ? -1 : 1));
  }
  var Calls = class {
    constructor(columns) {
      this.columns = columns;
      this.n = columns.name.length;
      for (const name of NUMBERS) this[name] = numbers(columns[name]);
      this.outOfStep = this.in_step.map((share) => 1 - share);
    }
    /** Return one value; null where it is unknown. */
    value(name, call) {
      const column = this.columns[name];
      return Array.isArray(column) ? column[call] : column.values[column.at[call]];
    }
    words(name, call) {
      const text = this.value(name, call);
      return text ? text.split(" ") : [];
    }
    /** Return the letters of a call's parts; an empty text where it has none. */
    letters(name, call) {
      return this.columns[name].slice(N_PARTS * call, N_PARTS * (call + 1)).trim();
    }
    has(label) {
      return this.columns[label].values.some((value) => value !== null && value !== "");
    }
    hasStarted() {
      return this.started.some((second) => !Number.isNaN(second));
    }
    valuesOf(label, language) {
      return countedValues(this.columns[label], language);
    }
    wordsOf(name) {
      return countedWords(this.columns[name]);
    }
  };
  function letterShares(letters) {
    const shares = { a: 0, c: 0, b: 0, h: 0, "-": 0 };
    for (const letter of letters) shares[letter] += 1 / letters.length;
    return shares;
  }

  // cxaudio/web/index/failed_table.js
  function passingFailures(failures, search) {
    const words2 = (search || "").toLowerCase().split(/\s+/).filter(Boolean);
    return failures.filter(({ name, reason }) => words2.every((word) => `${name}
${reason}`.toLowerCase().includes(word)));
  }
  function failedTable(failures, { t: t2, count }) {
    const tried = failures.some(({ tries }) => tries !== null);
    const columns = ["name", "reason", ...tried ? ["tries"] : []];
    const head = make("tr", {}, ...columns.map((name) => make("th", { scope: "col", class: name === "tries" ? "number" : null }, t2(`index.failed_${name}`))));
    const rows = failures.map(({ name, reason, tries }) => make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      make("td", { lang: "en" }, reason),
      tried ? make("td", { class: "number" }, count(tries ?? NaN)) : null
    ));
    return make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
  }

  // cxaudio/web/index/filter_bar.js
  var SEVERITIES = ["severe", "flagged", "whole", "clean", "unknown"];
  var FilterBar = class {
    constructor({ box, search, calls, words: words2, onChange }) {
      Object.assign(this, { box, search, calls, words: words2, onChange });
      this.search.addEventListener("input", () => this.changed());
    }
    /** Draw the controls anew, in the language that is switched on, with the values of a filter. */
    draw(filter) {
      const { calls, words: words2 } = this;
      const { t: t2, whole } = words2;
      const option = (value, text, n) => make("option", { value }, n === void 0 ? text : `${text} (${whole(n)})`);
      const choice = (name, options) => make(
        "label",
        {},
        make("span", {}, t2(`index.filter_${name}`)),
        make("select", { name }, option("", t2("index.filter_all")), ...options)
      );
      const rules = [
        ...calls.wordsOf("rules").map(({ value, n }) => option(value, words2.rule(value), n)),
        ...calls.wordsOf("whole_call_rules").map(({ value, n }) => option(`whole.${value}`, `${t2("page.whole_call")}: ${words2.limit(value)}`, n))
      ];
      const notices = calls.wordsOf("notices");
      const controls = [
        choice("severity", SEVERITIES.map((value) => option(value, t2(`index.severity_${value}`)))),
        rules.length ? choice("rule", rules) : null,
        ...LABELS.map((label) => [label, calls.has(label) ? calls.valuesOf(label, words2.language()) : []]).filter(([, values]) => values.length).map(([label, values]) => choice(label, values.map(({ value, n }) => option(value, value, n)))),
        ...(calls.hasStarted() ? ["from", "to"] : []).map((name) => make("label", {}, make("span", {}, t2(`index.filter_${name}`)), make("input", { type: "date", name }))),
        notices.length ? choice("notices", [option("any", t2("index.notices_any")), ...notices.map(({ value, n }) => option(value, words2.notice(value), n))]) : null,
        make("label", { class: "check" }, make("input", { type: "checkbox", name: "pace", value: "unknown" }), t2("index.filter_pace"))
      ];
      this.box.replaceChildren(...controls.filter(Boolean));
      for (const control of this.box.querySelectorAll("[name]")) control.addEventListener("input", () => this.changed());
      this.set(filter);
    }
    get controls() {
      return [this.search, ...this.box.querySelectorAll("[name]")];
    }
    /** Show the values of a filter. */
    set(filter) {
      for (const control of this.controls) {
        const value = filter[control.name] || "";
        if (control.type === "checkbox") control.checked = value === control.value;
        else control.value = value;
        control.classList.toggle("on", Boolean(value));
      }
    }
    changed() {
      const entries = this.controls.map((control) => [control.name, control.type === "checkbox" ? control.checked ? control.value : "" : control.value.trim()]);
      for (const control of this.controls) control.classList.toggle("on", control.type === "checkbox" ? control.checked : Boolean(control.value));
      this.onChange(Object.fromEntries(entries.filter(([, value]) => value)));
    }
  };

  // cxaudio/web/index/filtering.js
  var DAY = 86400;
  var dayStart = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text || "") ? Date.parse(`${text}T00:00:00Z`) / 1e3 : NaN;
  var passing = (column, test) => column.values.map((value) => test(value));
  function fewValues(column, test) {
    const passes = passing(column, test);
    return passes.every(Boolean) ? null : (call) => passes[column.at[call]];
  }
  var hasWord = (wanted) => (text) => Boolean(text) && (wanted === "any" || text.split(" ").includes(wanted));
  var SEVERITY_TESTS = {
    severe: (calls) => (call) => calls.n_severe[call] > 0,
    flagged: (calls) => (call) => calls.n_severe[call] + calls.n_flag[call] > 0,
    whole: (calls) => (call) => calls.n_whole_call[call] > 0,
    clean: (calls) => (call) => calls.n_severe[call] + calls.n_flag[call] === 0 && !(calls.n_whole_call[call] > 0),
    unknown: (calls) => (call) => Number.isNaN(calls.n_severe[call])
  };
  function passingCalls(calls, filter, searched) {
    const tests = [];
    const { columns } = calls;
    if (filter.rule) {
      const [place, rule] = filter.rule.startsWith("whole.") ? ["whole_call_rules", filter.rule.slice(6)] : ["rules", filter.rule];
      tests.push(fewValues(columns[place], hasWord(rule)));
    }
    if (Object.hasOwn(SEVERITY_TESTS, filter.severity || "")) tests.push(SEVERITY_TESTS[filter.severity](calls));
    for (const label of LABELS) {
      if (filter[label]) tests.push(fewValues(columns[label], (value) => value === filter[label]));
    }
    if (filter.notices) tests.push(fewValues(columns.notices, hasWord(filter.notices)));
    const [from, to] = [dayStart(filter.from), dayStart(filter.to) + DAY];
    if (!Number.isNaN(from)) tests.push((call) => calls.started[call] >= from);
    if (!Number.isNaN(to)) tests.push((call) => calls.started[call] < to);
    if (filter.pace === "unknown") tests.push((call) => Number.isNaN(calls.in_step[call]));
    const words2 = (filter.q || "").toLowerCase().split(/\s+/).filter(Boolean);
    for (const word of words2) tests.push((call) => searched(call).includes(word));
    const wanted = tests.filter(Boolean);
    const found = [];
    for (let call = 0; call < calls.n; call += 1) if (wanted.every((test) => test(call))) found.push(call);
    return found;
  }

  // cxaudio/web/index/fragment.js
  var FILTERS = ["q", "rule", "severity", ...LABELS, "from", "to", "pace", "notices"];
  function fragmentOf({ filter, order, tab, call }) {
    const parts = new URLSearchParams();
    for (const name of FILTERS) if (filter[name]) parts.set(name, filter[name]);
    if (order.column) parts.set("sort", (order.down ? "-" : "") + order.column);
    if (tab === "failed") parts.set("tab", tab);
    if (call) parts.set("call", call);
    return parts.toString();
  }
  function viewOf(fragment, columns) {
    const parts = new URLSearchParams(fragment.replace(/^#/, ""));
    const filter = Object.fromEntries(FILTERS.filter((name) => parts.get(name)).map((name) => [name, parts.get(name)]));
    const sort = parts.get("sort") || "";
    const column = sort.replace(/^-/, "");
    return {
      filter,
      order: columns.includes(column) ? { column, down: sort.startsWith("-") } : { column: "", down: false },
      tab: parts.get("tab") === "failed" ? "failed" : "calls",
      call: parts.get("call") || ""
    };
  }

  // cxaudio/web/index/ordering.js
  function byNumber(values, down) {
    const sign = down ? -1 : 1;
    return (a, b) => {
      const [x, y] = [values[a], values[b]];
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || a - b;
      return sign * (x - y) || a - b;
    };
  }
  function textRanks(texts, language) {
    const collator = new Intl.Collator(language, { numeric: true });
    const different = [...new Set(texts)].filter((text) => text !== null && text !== "").sort(collator.compare);
    const ranks = new Map(different.map((text, k) => [text, k]));
    return Float64Array.from(texts, (text) => ranks.get(text) ?? NaN);
  }
  var ordered = (calls, values, down) => values ? [...calls].sort(byNumber(values, down)) : calls;
  function nextOrder(before, column, downFirst) {
    if (before.column !== column) return { column, down: downFirst };
    return before.down === downFirst ? { column, down: !downFirst } : { column: "", down: false };
  }

  // cxaudio/web/shared/canvas.js
  var COLOURS = [
    "paper",
    "ink",
    "ink-2",
    "ink-3",
    "rule",
    "rule-2",
    "wash",
    "agent",
    "agent-ink",
    "customer",
    "customer-ink",
    "alarm",
    "alarm-ink",
    "purple",
    "green",
    "zone"
  ];
  function inkOf(element) {
    const style = getComputedStyle(element);
    const ink = Object.fromEntries(COLOURS.map((name) => [name.replace("-", "_"), style.getPropertyValue("--" + name).trim()]));
    return { ...ink, font: style.fontFamily };
  }
  function signCanvas(width, height, draw) {
    const canvas = make("canvas", { "aria-hidden": "true" });
    const scale = Math.max(2, window.devicePixelRatio || 1);
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.drawSign = () => {
      const pen = canvas.getContext("2d");
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.clearRect(0, 0, width, height);
      draw(pen, inkOf(document.documentElement));
    };
    canvas.drawSign();
    return canvas;
  }

  // cxaudio/web/index/row_window.js
  var BEYOND = 8;
  function rowWindow({ top, height, rowHeight, n }) {
    const first = Math.max(0, Math.floor(-top / rowHeight) - BEYOND);
    const end = Math.min(n, Math.ceil((height - top) / rowHeight) + BEYOND);
    return { first: Math.min(first, n), end: Math.max(Math.min(first, n), end) };
  }

  // cxaudio/web/index/sparkline.js
  var SIZE = { width: 180, height: 28 };
  var TOP = 6;
  var MIDDLE = 17;
  var BAR = 9;
  function runs(letters) {
    const found = [];
    for (let k = 0; k < letters.length; k += 1) {
      const last = found.at(-1);
      if (last && last.letter === letters[k]) last.to = k + 1;
      else found.push({ letter: letters[k], from: k, to: k + 1 });
    }
    return found;
  }
  function drawSparkline(pen, ink, letters, flagLetters) {
    const { width } = SIZE;
    const x = (part) => part * width / N_PARTS;
    pen.fillStyle = ink.rule;
    pen.fillRect(0, MIDDLE - 0.5, width, 1);
    for (const { letter, from, to } of runs(letters)) {
      const [left, long] = [x(from), x(to) - x(from)];
      if (letter === "a" || letter === "b") {
        pen.fillStyle = ink.agent;
        pen.fillRect(left, MIDDLE - 1 - BAR, long - 0.5, BAR);
      }
      if (letter === "c" || letter === "b") {
        pen.fillStyle = ink.customer;
        pen.fillRect(left, MIDDLE + 1, long - 0.5, BAR);
      }
      if (letter === "h") {
        pen.globalAlpha = 0.18;
        pen.fillStyle = ink.ink_3;
        pen.fillRect(left, MIDDLE - 1 - BAR, long, 2 * BAR + 2);
        pen.globalAlpha = 1;
        pen.strokeStyle = ink.ink_3;
        pen.lineWidth = 1;
        pen.setLineDash([3, 2]);
        pen.strokeRect(left + 0.5, MIDDLE - 0.5 - BAR, Math.max(1, long - 1), 2 * BAR + 1);
        pen.setLineDash([]);
      }
    }
    for (const { letter, from, to } of runs(flagLetters)) {
      if (letter !== "f" && letter !== "s") continue;
      const thick = letter === "s" ? 5 : 2;
      pen.fillStyle = letter === "s" ? ink.severe : ink.flag;
      pen.fillRect(x(from), TOP - 1 - thick, Math.max(2, x(to) - x(from) - 0.5), thick);
    }
  }

  // cxaudio/web/index/table.js
  var PRINTED = 200;
  var CallTable = class {
    constructor({ box, head, body, onSort, onSelect }) {
      Object.assign(this, { box, head, body, onSort, onSelect });
      this.rows = /* @__PURE__ */ new Map();
      this.shown = [];
      this.columns = [];
      this.selected = -1;
      this.waiting = false;
      for (const target of [window, document]) target.addEventListener("scroll", () => this.later(), { passive: true });
      window.addEventListener("resize", () => this.later());
    }
    /** Show these columns and calls; `order` is what they are sorted by. */
    show({ columns, calls, order, t: t2, selected }) {
      this.columns = columns;
      this.shown = calls;
      this.selected = selected;
      this.drawHead(order, t2);
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
    drawHead(order, t2) {
      this.head.replaceChildren(...this.columns.map((column) => {
        const button = make("button", { type: "button", title: t2(`index.sort_${column.name}`) }, t2(`index.column_${column.name}`));
        button.addEventListener("click", () => this.onSort(column));
        const sort = order.column === column.name ? order.down ? "descending" : "ascending" : null;
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
        top: this.body.getBoundingClientRect().top,
        height: window.innerHeight,
        rowHeight: this.rowHeight,
        n: this.shown.length
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
          if (before) before.after(row);
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
  };

  // cxaudio/web/index/table_columns.js
  var addressOf = (page) => page ? `./${page.split("/").map(encodeURIComponent).join("/")}` : null;
  function inWords(letters, { t: t2, percent }) {
    if (!letters) return t2("index.timeline_unknown");
    const shares = letterShares(letters);
    const parts = [["agent", shares.a + shares.b], ["customer", shares.c + shares.b], ["hold", shares.h], ["silence", shares["-"]]];
    return parts.filter(([, share]) => share > 0).map(([name, share]) => t2(`index.timeline_${name}`, { share: percent(share) })).join(t2("index.comma"));
  }
  function nameWidth(calls) {
    const longest = calls.columns.name.reduce((most, name) => Math.max(most, name.length), 0);
    return 12 + 8.4 * Math.min(24, Math.max(10, longest));
  }
  function columnsOf(calls, words2, sentenceLanguage) {
    const text = (name) => ({
      values: () => textRanks(Array.from({ length: calls.n }, (_, call) => calls.value(name, call)), words2.language()),
      cell: (call) => ({ text: calls.value(name, call) ?? "", title: calls.value(name, call) })
    });
    const number = (values, cell) => ({ number: true, downFirst: true, values: () => values, cell });
    const severity = (values, marked) => number(values, (call) => ({
      text: words2.count(values[call]),
      class: values[call] > 0 ? marked : values[call] === 0 ? "zero" : "unknown"
    }));
    const rulesText = (call) => [...calls.words("rules", call).map(words2.rule), ...calls.words("whole_call_rules", call).map(words2.limit)].join(words2.t("index.comma"));
    const columns = [
      {
        name: "name",
        width: `minmax(96px, ${nameWidth(calls)}px)`,
        ...text("name"),
        cell: (call) => ({ text: calls.value("name", call), page: addressOf(calls.value("page", call)), link: true })
      },
      calls.hasStarted() && {
        name: "started",
        width: "118px",
        ...number(calls.started, (call) => ({ text: words2.instant(calls.started[call]) })),
        number: false
      },
      ...LABELS.filter((label) => calls.has(label)).map((label) => ({ name: label, width: "minmax(52px, .7fr)", ...text(label) })),
      { name: "duration", width: "58px", ...number(calls.duration, (call) => ({ text: words2.duration(calls.duration[call]) })) },
      {
        name: "timeline",
        width: "188px",
        downFirst: true,
        values: () => Float64Array.from({ length: calls.n }, (_, call) => {
          const shares = letterShares(calls.letters("timeline", call));
          return (shares.a + shares.b) / (shares.a + shares.c + 2 * shares.b);
        }),
        cell: (call) => ({
          picture: [calls.letters("timeline", call), calls.letters("flag_letters", call)],
          title: inWords(calls.letters("timeline", call), words2)
        })
      },
      { name: "severe", width: "54px", ...severity(calls.n_severe, "severe") },
      { name: "flags", width: "50px", ...severity(calls.n_flag, "flagged") },
      { name: "limits", width: "50px", ...severity(calls.n_whole_call, "flagged") },
      {
        name: "out_of_step",
        width: "80px",
        ...number(calls.outOfStep, (call) => ({
          text: Number.isNaN(calls.outOfStep[call]) ? words2.t("page.unknown") : words2.percent(calls.outOfStep[call]),
          class: Number.isNaN(calls.outOfStep[call]) ? "unknown" : ""
        }))
      },
      {
        name: "rules",
        width: "minmax(120px, 2fr)",
        downFirst: false,
        values: () => textRanks(Array.from({ length: calls.n }, (_, call) => rulesText(call)), words2.language()),
        cell: (call) => ({ text: rulesText(call), title: rulesText(call) })
      },
      {
        name: "sentence",
        ...text("sentence"),
        cell: (call) => ({ text: calls.value("sentence", call), title: calls.value("sentence", call), lang: sentenceLanguage })
      }
    ].filter(Boolean);
    return columns.map((column) => ({ downFirst: false, number: false, ...column }));
  }
  var searchedText = (calls, words2) => (call) => [
    ...["name", ...LABELS, "sentence", "rules", "whole_call_rules", "notices"].map((name) => calls.value(name, call)),
    ...calls.words("rules", call).map(words2.rule),
    ...calls.words("whole_call_rules", call).map(words2.limit),
    ...calls.words("notices", call).map(words2.notice)
  ].join("\n").toLowerCase();

  // cxaudio/web/index/unpack.js
  var canUnpack = () => typeof DecompressionStream === "function";
  async function unpacked(text) {
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let k = 0; k < letters.length; k += 1) bytes[k] = letters.charCodeAt(k);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  // cxaudio/web/shared/filled.js
  function filled(text, values = {}) {
    return text.replace(/\{(\w+)\}/g, (braces, name) => Object.hasOwn(values, name) ? String(values[name] ?? braces) : braces);
  }

  // cxaudio/web/shared/numbers.js
  var DASH = "–";
  var known = (x) => typeof x === "number" && Number.isFinite(x);
  var num = (x, digits = 1) => known(x) ? x.toFixed(digits).replace(/^-(?=.*[1-9])/, "−").replace(/^-/, "") : DASH;
  function clock(s, tenths = false) {
    if (!known(s)) return DASH;
    const all = Math.floor(s * 10 + 1e-6);
    const whole = Math.floor(all / 10);
    const two = (x) => String(x).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    const text = hours ? `${hours}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}` : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
    return tenths ? `${text}.${all % 10}` : text;
  }

  // cxaudio/web/index/words.js
  function createWords({ catalogues, language: first }) {
    let language = first;
    const has = (key) => Object.hasOwn(catalogues[language], key);
    const t2 = (key, values = {}) => filled(has(key) ? catalogues[language][key] : key.slice(key.indexOf(".") + 1).replaceAll("_", " "), values);
    const whole = (n) => known(n) ? String(n).replace(/\B(?=(\d{3})+(?!\d))/g, " ") : DASH;
    return {
      t: t2,
      whole,
      language: () => language,
      setLanguage(name) {
        language = name;
      },
      counted: (key, n, values = {}) => t2(`${key}_${n === 1 ? "one" : "other"}`, { n: whole(n), ...values }),
      count: (x) => known(x) ? whole(x) : DASH,
      percent: (share) => known(share) ? t2("unit.percent", { n: num(100 * share, 0) }) : DASH,
      duration: (s) => clock(s),
      /** Return an instant as date and minute, UTC. */
      instant: (second) => known(second) ? new Date(1e3 * second).toISOString().slice(0, 16).replace("T", " ") : DASH,
      rule: (name) => t2(`rule.${name}`),
      limit: (name) => t2(`measure.${name}`),
      notice: (name) => t2(`notice.${name}`)
    };
  }

  // cxaudio/web/index/page.js
  var $ = (id) => document.getElementById(id);
  var facts = JSON.parse($("facts").textContent);
  var words = createWords({ catalogues: facts.texts, language: facts.language });
  var { t } = words;
  var TYPING_PAUSE = 120;
  var IndexPage = class {
    constructor(calls) {
      this.calls = calls;
      this.searched = new Array(calls.n);
      this.values = /* @__PURE__ */ new Map();
      this.shown = [];
      this.selected = -1;
      this.call = -1;
      this.columns = columnsOf(calls, words, facts.sentence_language);
      this.view = viewOf(window.location.hash, this.columns.map((column) => column.name));
      this.table = new CallTable({
        box: $("calls"),
        head: $("calls-head"),
        body: $("calls-body"),
        onSort: (column) => this.sortBy(column),
        onSelect: (place) => this.select(place)
      });
      this.bar = new FilterBar({
        box: $("filters"),
        search: $("search"),
        calls,
        words,
        onChange: (filter) => {
          this.view.filter = filter;
          clearTimeout(this.pause);
          this.pause = setTimeout(() => this.update(), calls.n > 5e3 ? TYPING_PAUSE : 0);
        }
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
      this.searched.fill(void 0);
      this.bar.draw(this.view.filter);
      this.update({ keepPlace: true });
    }
    /** Show what the view asks for, and write it into the page's address. */
    update({ keepPlace = false } = {}) {
      const { filter, order, tab } = this.view;
      const makeText = searchedText(this.calls, words);
      const found = passingCalls(this.calls, filter, (call) => this.searched[call] ??= makeText(call));
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
      $("status").textContent = tab === "calls" ? t("index.shown", { n: words.whole(this.shown.length), of: words.whole(facts.n_listed) }) : t("index.failed_shown", { n: words.whole(failures.length), of: words.whole(facts.n_failed) });
      $("order").textContent = tab !== "calls" ? "" : column ? t(order.down ? "index.order_down" : "index.order_up", { column: t(`index.column_${column.name}`) }) : t("index.order_worst");
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
        [t("index.column_notices"), calls.words("notices", call).map(words.notice).join(t("index.comma"))]
      ].filter(([, value]) => value);
      const close = make("button", { type: "button" }, t("page.clear"));
      close.addEventListener("click", () => this.select(-1));
      box.replaceChildren(
        make(
          "div",
          {},
          make("p", { class: "sentence", lang: facts.sentence_language }, calls.value("sentence", call)),
          list([[t("index.column_name"), calls.value("name", call)], ...rows])
        ),
        make("p", { class: "actions" }, page ? make("a", { href: page }, t("index.open")) : t("index.no_page"), close)
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
      const from = this.selected < 0 ? by > 0 ? -1 : this.shown.length : this.selected;
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
        j: () => this.step(1),
        k: () => this.step(-1),
        ArrowDown: () => this.step(1),
        ArrowUp: () => this.step(-1),
        PageDown: () => this.step(this.table.page),
        PageUp: () => this.step(-this.table.page),
        Home: () => this.step(-Infinity),
        End: () => this.step(Infinity),
        r: () => this.reset(),
        Enter: () => this.openSelected()
      };
      const inTable = at && (at === document.body || at.closest("#calls, #inspector"));
      const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (event.key === "Enter" && (!inTable || at.matches("a, button"))) return;
      if (["Home", "End", "PageUp", "PageDown"].includes(name) && this.selected < 0) return;
      if (name.startsWith("Arrow") && !inTable) return;
      if (!Object.hasOwn(actions, name)) return;
      event.preventDefault();
      actions[name]();
    }
  };
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
})();
