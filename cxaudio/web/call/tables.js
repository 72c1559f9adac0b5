// The same facts as tables: each sorts by any column, and each row leads to its place in the sound.

const sideCell = (side) => ({ text: SideWord(side), sort: side || "", class: side === "agent" || side === "customer" ? side : "" });
const timeCell = (s) => ({ text: clock(s, true), sort: s, seek: known(s) ? s : null });
const numberCell = (x, text) => ({ text, sort: known(x) ? x : null, number: true });
const SEVERITIES = ["note", "flag", "severe"];

/** What each table holds: its columns, and a row's cells in the same order. */
const TABLES = [
  {
    name: "flags", items: () => flags, print: "yes",
    columns: ["start", "end", "rule", "severity", "measured", "limit", "decided_at", "evidence"],
    sign: (flag) => (pen, ink) => severitySign(pen, ink, flag.severity, flag.severity === "severe" ? 5 : 8, 7, 4.6),
    cells: (flag) => [
      timeCell(flag.start), timeCell(flag.end),
      { text: t("rule." + flag.rule), sort: t("rule." + flag.rule), title: has("rule_meaning." + flag.rule) ? t("rule_meaning." + flag.rule) : null },
      { text: t("severity." + flag.severity), sort: SEVERITIES.indexOf(flag.severity), sign: true },
      numberCell(flag.measured, measure(flag.measured, flag.unit)), numberCell(flag.limit, measure(flag.limit, flag.unit)),
      timeCell(flag.decided_at),
      { parts: evidenceRows(flag.evidence).map(([name, value]) => `${name} ${value}`), sort: "", class: "evidence" },
    ],
  },
  {
    name: "overlaps", items: () => facts.overlaps, print: "interruptions",
    columns: ["start", "duration", "kind", "entrant", "holder", "outcome", "yielded", "yield_delay", "resumed", "level_rise"],
    filter: { key: "table.interruptions_only", test: (overlap) => overlap.kind === "interruption" || overlap.kind === "butt_in" },
    sign: (overlap) => (pen, ink) => overlapSign(pen, ink, overlap.kind, 8, 7, 5, overlap.entrant !== "customer"),
    cells: (overlap) => [
      timeCell(overlap.start), numberCell(lengthOf(overlap), seconds(lengthOf(overlap), 2)),
      { text: t("overlap." + overlap.kind), sort: OVERLAP_ORDER.indexOf(overlap.kind), sign: true, title: has("overlap_meaning." + overlap.kind) ? t("overlap_meaning." + overlap.kind) : null },
      sideCell(overlap.entrant), sideCell(overlap.holder), { text: overlapLabels(overlap) || DASH },
      overlap.yielded ? sideCell(overlap.yielded) : { text: DASH }, numberCell(overlap.yield_delay_s, seconds(overlap.yield_delay_s, 2)),
      numberCell(overlap.resumed_after_s, seconds(overlap.resumed_after_s)), numberCell(overlap.level_rise_db, unit("db", overlap.level_rise_db)),
    ],
  },
  {
    name: "turns", items: () => facts.turns, print: "no",
    columns: ["start", "side", "duration", "speech", "syllables", "rate", "level"],
    cells: (turn) => [
      timeCell(turn.start), sideCell(turn.side), numberCell(lengthOf(turn), seconds(lengthOf(turn))), numberCell(turn.speech_s, seconds(turn.speech_s)),
      numberCell(turn.syllables, num(turn.syllables, 0)), numberCell(turn.articulation_rate, known(turn.articulation_rate) ? rateText(turn.articulation_rate) : DASH),
      numberCell(turn.level_dbov, unit("dbov", turn.level_dbov)),
    ],
  },
  {
    name: "responses", items: () => facts.responses, print: "no",
    columns: ["start", "side", "response_time"],
    // A reply that began before the other had ended is heard from its own beginning.
    cells: (response) => [
      timeCell(known(response.end) ? Math.min(response.start, response.end) : response.start), sideCell(response.side),
      numberCell(response.response_time_s, seconds(response.response_time_s, 2)),
    ],
  },
  {
    name: "silences", print: "yes",
    items: () => [...facts.silences.map((item) => ({ ...item, what: "silence" })), ...facts.holds.map((item) => ({ ...item, what: "hold" })),
      ...facts.dropouts.map((item) => ({ ...item, what: "dropout" }))].sort((a, b) => a.start - b.start),
    columns: ["start", "end", "duration", "kind", "owed_by"],
    cells: (item) => {
      const kind = item.what === "hold" ? holdWord(item) : item.what === "dropout" ? t("notice.dropout") : t("silence.short_nobody");
      return [
        timeCell(item.start), timeCell(item.end), numberCell(lengthOf(item), seconds(lengthOf(item))), { text: kind, sort: kind },
        item.what === "silence" ? (item.owed_by ? sideCell(item.owed_by) : { text: t("side.nobody"), sort: "" }) : { text: DASH },
      ];
    },
  },
  {
    name: "nudges", items: () => facts.nudges.map((nudge) => ({ ...nudge, start: nudge.shown_at })), print: "yes",
    columns: ["shown_at", "gone_at", "rule", "text"],
    cells: (nudge) => [timeCell(nudge.shown_at), timeCell(nudge.gone_at), { text: t("rule." + nudge.rule), sort: t("rule." + nudge.rule) }, { text: nudgeText(nudge), sort: nudgeText(nudge) }],
  },
  {
    name: "notices", items: () => facts.notices, print: "yes",
    columns: ["start", "end", "kind", "side", "measured", "limit"],
    cells: (notice) => [
      timeCell(notice.start), timeCell(notice.end), { text: t("notice." + notice.kind), sort: t("notice." + notice.kind) }, sideCell(notice.side),
      numberCell(notice.measured, measure(notice.measured, notice.unit)), numberCell(notice.limit, measure(notice.limit, notice.unit)),
    ],
  },
];

function compareCells(a, b) {
  const [x, y] = [a.sort ?? a.text, b.sort ?? b.text];
  if (x === null || y === null || x === DASH || y === DASH) return (x === null || x === DASH) - (y === null || y === DASH);
  return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), language);
}

class Tables {
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

  /** Two-sided tables are absent, not empty, where the recording does not tell the sides apart. */
  shownTables() {
    const always = twoSided ? ["flags", "overlaps", "turns", "responses", "silences", "nudges", "notices"] : ["turns", "notices"];
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
      class: "panel", role: "tabpanel", id: "panel-" + table.name, "aria-labelledby": "tab-" + table.name, tabindex: "0", "data-print": table.print === "no" ? "no" : "yes",
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
    const filtering = table.filter && (this.filtered.has(table.name) || (printed && table.print === "interruptions"));
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
      children.push(make("label", { class: "filter" }, box, " ", t(table.filter.key)));
    }
    if (!items.length) {
      panel.replaceChildren(...children, make("p", { class: "aside nothing" }, t("page.nothing")));
      return;
    }
    const rows = items.map((item) => ({ item, cells: table.cells(item) }));
    const sorting = this.sorting.get(table.name);
    if (sorting) rows.sort((a, b) => (sorting.down ? -1 : 1) * compareCells(a.cells[sorting.column], b.cells[sorting.column]));
    const head = make("tr", {}, ...table.columns.map((column, k) => {
      const button = make("button", { type: "button", title: t("page.sort_hint") }, t("column." + column));
      button.addEventListener("click", () => {
        const before = this.sorting.get(table.name);
        this.sorting.set(table.name, { column: k, down: Boolean(before && before.column === k && !before.down) });
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
    const go = () => (table.name === "flags" ? this.onFlag(item) : known(from) && this.onSeek(from));
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
      if (!String(window.getSelection())) go(); // whoever marks text to copy it does not mean to listen
    });
    return row;
  }

  select(flag) {
    this.selected = flag;
    const table = TABLES[0];
    if (this.open === table.name && document.getElementById("panel-flags")) this.fill(table);
  }

  repaintSigns() {
    for (const canvas of this.panels.querySelectorAll("canvas")) canvas.drawSign();
  }
}

function preparePanelsForPrint() {
  for (const table of tables.shownTables()) if (table.print !== "no") tables.fill(table, { printed: true });
}

// --- both sides beside one another, and the call as a whole ---

function sideTable() {
  const shown = SIDES.filter(present);
  const words = facts.limits.syllables_per_word;
  const rates = (side) => facts.sides[side].articulation_rate;
  const rows = [
    ["speech_s", (s) => longSeconds(s.speech_s)],
    ["talk_share", (s) => percent(s.talk_share), true],
    ["turns", (s, side) => num(facts.turns.filter((turn) => turn.side === side).length, 0)],
    ["syllables", (s) => num(s.syllables, 0)],
    ["articulation_rate", (s) => unit("syllables_per_s", s.articulation_rate, 2)],
    ["speaking_rate", (s) => unit("syllables_per_s", s.speaking_rate, 2)],
    ["baseline_rate", (s) => unit("syllables_per_s", s.baseline_rate, 2)],
    ["characters_per_min", (s, side) => (known(rates(side)) ? num(60 * rates(side), 0) : DASH)],
    ["words_per_min", (s, side) => (known(rates(side)) && words ? num((60 * rates(side)) / words, 0) : DASH)],
    ["response_median", (s) => seconds(s.response_times?.median_s, 2), true],
    ["response_p90", (s) => seconds(s.response_times?.p90_s, 2), true],
    ["responses", (s) => num(s.response_times?.n, 0), true],
    ["interruptions", (s) => num(s.interruptions, 0), true],
    ["backchannels", (s) => num(s.backchannels, 0), true],
    ["level_dbov", (s) => unit("dbov", s.level_dbov)],
    ["noise_dbov", (s) => unit("dbov", s.noise_dbov)],
    ["snr_db", (s) => unit("db", s.snr_db)],
  ].filter(([, , needsBoth]) => twoSided || !needsBoth);
  return make("table", { class: "side-table" },
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, t("column.measure")),
      ...shown.map((side) => make("th", { scope: "col", class: "number " + side }, SideWord(side))))),
    make("tbody", {}, ...rows.map(([key, cell]) => make("tr", {}, make("th", { scope: "row" }, t("measure." + key)),
      ...shown.map((side) => make("td", {}, cell(facts.sides[side], side)))))));
}

/** A limit out of the settings that the report echoes, wherever they nest it. */
function settingOf(section, name) {
  const values = facts.settings.values || {};
  for (const place of [values, ...Object.values(values)]) {
    const found = place && typeof place === "object" && place[section] && place[section][name];
    if (known(found)) return found;
  }
  return null;
}

function wholeTable() {
  const whole = facts.whole_call;
  const broken = new Set((whole.flags || []).map((flag) => flag.rule));
  const rows = [
    ["talk_share_agent", percent], ["overlap_share", (x) => percent(x, 1)], ["silence_share", (x) => percent(x, 1)],
    ["response_median_s", (x) => seconds(x, 2)], ["interruptions", (x) => num(x, 0)], ["interruptions_per_min", (x) => num(x, 2)],
  ].filter(([key]) => known(whole[key])).map(([key, text]) => {
    const limit = settingOf("whole_call", key);
    return make("tr", {}, make("th", { scope: "row" }, t("measure." + (key === "interruptions" ? "interruptions_whole" : key))),
      make("td", { class: broken.has(key) ? "over-limit" : null }, text(whole[key])),
      make("td", { class: broken.has(key) ? "over-limit" : null },
        known(limit) ? t("figure.limit", { limit: text(limit) }) + (broken.has(key) ? ` (${t("measure.over_limit")})` : "") : ""));
  });
  const together = Object.entries(whole.accommodation || {}).filter(([, value]) => known(value) || value === null);
  const accommodation = together.length
    ? [make("tr", {}, make("th", { scope: "row" }, t("measure.accommodation")), make("td", { class: "note", colspan: "2" }, t("measure.accommodation_note"))),
      ...together.map(([key, value]) => make("tr", {}, make("th", { scope: "row" }, t("measure." + key)),
        make("td", {}, known(value) ? num(value, Number.isInteger(value) ? 0 : 3) : t("page.unknown")), make("td", {})))]
    : [];
  if (!rows.length && !accommodation.length) return null;
  return make("table", { class: "whole-table" },
    make("thead", {}, make("tr", {}, make("th", { scope: "col", colspan: "3" }, t("page.whole_call")))),
    make("tbody", {}, ...rows, ...accommodation));
}

function settingsBody() {
  const sections = [];
  const walk = (name, values) => {
    const own = Object.entries(values).filter(([, value]) => value === null || typeof value !== "object" || Array.isArray(value));
    if (own.length) sections.push(make("section", {}, make("h3", {}, name), list(own.map(([key, value]) => [key, Array.isArray(value) ? value.join(", ") : String(value)]))));
    for (const [key, value] of Object.entries(values)) {
      if (value && typeof value === "object" && !Array.isArray(value)) walk(name === t("page.settings") ? key : `${name}.${key}`, value);
    }
  };
  sections.push(make("section", {}, make("h3", {}, t("page.versions")), list(Object.entries(facts.versions).map(([key, value]) => [key, String(value)]))));
  const { values, ...rest } = facts.settings;
  walk(t("page.settings"), rest);
  walk(t("page.settings"), values || {});
  return sections;
}
