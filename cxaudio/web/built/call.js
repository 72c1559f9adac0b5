// Made by "npm run bundle" from sources sha256:91dacd8e31283cd994609b31e7fe5c931da54a7c8fd8531cb8ce74946182f41d; what follows is sha256:a8e7ddd255e06f5b7901dfc977ec365ad560fe407914e3cf60045fddda1d4bbc
"use strict";
(() => {
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

  // cxaudio/web/call/texts.js
  function createTexts({ catalogues, language: first, mix = false, callLanguage = "" }) {
    let language = first;
    const has2 = (key) => Object.hasOwn(catalogues[language], key);
    function t2(key, values = {}) {
      return filled(has2(key) ? catalogues[language][key] : key.slice(key.indexOf(".") + 1).replaceAll("_", " "), values);
    }
    const textOr2 = (key, otherwise) => has2(key) ? t2(key) : otherwise;
    const unit2 = (name, x, digits = 1) => known(x) ? t2("unit." + name, { n: num(x, digits) }) : DASH;
    const seconds2 = (x, digits = 1) => unit2("seconds", x, digits);
    const longSeconds2 = (x) => known(x) && x >= 120 ? clock(x) : seconds2(x);
    const percent2 = (x, digits = 0) => known(x) ? unit2("percent", 100 * x, digits) : DASH;
    const isSide = (side) => side === "agent" || side === "customer";
    const sideWord2 = (side) => isSide(side) ? t2(mix ? "side.mix" : "side." + side) : t2("side.both");
    const sideTitle2 = (side) => isSide(side) ? t2(mix ? "side.Mix" : side === "agent" ? "side.Agent" : "side.Customer") : t2("side.both");
    const inCharacters = () => language !== "en" || callLanguage.startsWith("zh");
    function rateText2(x) {
      if (!known(x)) return t2("page.unknown");
      return unit2("syllables_per_s", x) + (inCharacters() ? t2("unit.characters_beside", { n: Math.round(60 * x) }) : "");
    }
    function measure2(x, name) {
      if (!known(x)) return DASH;
      switch (name) {
        case "s":
          return seconds2(x);
        case "ratio":
          return unit2("ratio", x, 2);
        case "share":
          return percent2(x, x < 0.1 ? 1 : 0);
        case "count":
          return unit2("count", x, 0);
        case "per_min":
        case "1/min":
          return unit2("per_min", x);
        case "dB":
          return unit2("db", x);
        case "dBov":
          return unit2("dbov", x);
        case "Hz":
          return unit2("hz", x, 0);
        case "syllables/s":
        case "syllables_per_s":
          return unit2("syllables_per_s", x);
        default:
          return `${num(x, Number.isInteger(x) ? 0 : 2)} ${name || ""}`.trim();
      }
    }
    function evidenceText(key, value) {
      if (value === null || value === void 0) return t2("page.unknown");
      if (typeof value === "string") {
        for (const section of ["tempo.", "side.", "overlap.", "hold."]) if (has2(section + value)) return t2(section + value);
        return value;
      }
      if (typeof value === "boolean") return t2(value ? "page.yes" : "page.no");
      if (!known(value)) return DASH;
      if (/share$/.test(key)) return percent2(value);
      if (/probability$/.test(key)) return value > 0.99 ? `> ${percent2(0.99)}` : percent2(value);
      if (/ratio(_low|_high)?$/.test(key)) return measure2(value, "ratio");
      if (/(rate|baseline|norm|_error|_per_s)$/.test(key)) return unit2("syllables_per_s", value);
      if (/_s$/.test(key)) return seconds2(value);
      if (/_dbov$/.test(key)) return unit2("dbov", value);
      if (/_db$/.test(key)) return unit2("db", value);
      return num(value, Number.isInteger(value) ? 0 : 2);
    }
    const evidenceRows2 = (evidence) => Object.entries(evidence || {}).map(([key, value]) => [t2("evidence." + key), evidenceText(key, value)]);
    return {
      language: () => language,
      setLanguage(name) {
        language = name;
      },
      has: has2,
      t: t2,
      textOr: textOr2,
      unit: unit2,
      seconds: seconds2,
      longSeconds: longSeconds2,
      percent: percent2,
      sideWord: sideWord2,
      sideTitle: sideTitle2,
      inCharacters,
      rateText: rateText2,
      measure: measure2,
      evidenceText,
      evidenceRows: evidenceRows2
    };
  }

  // cxaudio/web/call/levels.js
  var NO_LEVEL = -90;
  var BLOCK_LEVEL = -26;
  var MOST_IN_COARSEST = 256;
  function decodeLevels(text) {
    const bytes = atob(text);
    const levels = new Int8Array(bytes.length);
    for (let i = 0; i < bytes.length; i += 1) levels[i] = bytes.charCodeAt(i);
    return levels;
  }
  function sharesOf(spans, step, n) {
    const share = new Float32Array(n);
    for (let k = 0; k + 1 < spans.length; k += 2) {
      const first = Math.max(0, Math.floor(spans[k] / step));
      const last = Math.min(n - 1, Math.ceil(spans[k + 1] / step) - 1);
      for (let i = first; i <= last; i += 1) {
        const inside = Math.min(spans[k + 1], (i + 1) * step) - Math.max(spans[k], i * step);
        share[i] = Math.min(1, share[i] + Math.max(0, inside) / step);
      }
    }
    return share;
  }
  function halved({ step, all, spoken, share }) {
    const half = Math.ceil(all.length / 2);
    const row = { step: step * 2, all: new Float32Array(half), spoken: new Float32Array(half), share: new Float32Array(half) };
    for (let i = 0; i < half; i += 1) {
      const a = 2 * i;
      const b = Math.min(a + 1, all.length - 1);
      const [p, q] = [share[a], share[b]];
      row.all[i] = (all[a] + all[b]) / 2;
      row.spoken[i] = p + q > 0 ? (p * spoken[a] + q * spoken[b]) / (p + q) : NO_LEVEL;
      row.share[i] = (p + q) / 2;
    }
    return row;
  }
  function levelPyramid({ levels, step, spans, duration: duration2 }) {
    const n = Math.max(1, Math.ceil(duration2 / step));
    const all = new Float32Array(n).fill(NO_LEVEL);
    if (levels) levels.subarray(0, n).forEach((level, i) => {
      all[i] = Math.max(NO_LEVEL, level);
    });
    const share = sharesOf(spans, step, n);
    if (!levels) share.forEach((part, i) => {
      if (part > 0) all[i] = BLOCK_LEVEL;
    });
    const rows = [{ step, all, spoken: all, share }];
    while (rows.at(-1).all.length > MOST_IN_COARSEST) rows.push(halved(rows.at(-1)));
    return rows;
  }
  function rowFor(rows, span) {
    let row = rows[0];
    for (const next of rows) if (next.step <= span) row = next;
    return row;
  }
  function levelScale(finest, noises) {
    let top = -60;
    for (const { all, share } of finest) {
      for (let i = 0; i < all.length; i += 1) if (share[i] > 0 && all[i] > top) top = all[i];
    }
    const measured = noises.filter(known);
    const floor = Math.min(-40, Math.max(-75, measured.length ? Math.min(...measured) : -60));
    return { floor, top: Math.max(floor + 20, Math.min(0, top + 1)) };
  }
  var levelHeight = (level, { floor, top }) => Math.min(1, Math.max(0, (level - floor) / (top - floor)));
  function levelAt(row, s) {
    const level = row.all[Math.floor(s / row.step)];
    return level === void 0 || level <= NO_LEVEL ? null : level;
  }
  function columnOf(row, from, to) {
    const first = Math.max(0, Math.floor(from / row.step));
    const last = Math.min(row.all.length - 1, Math.max(first, Math.ceil(to / row.step) - 1));
    if (first >= row.all.length) return null;
    let all = 0;
    let spoken = 0;
    let share = 0;
    for (let i = first; i <= last; i += 1) {
      all += row.all[i];
      spoken += row.spoken[i] * row.share[i];
      share += row.share[i];
    }
    const n = last - first + 1;
    return { all: all / n, spoken: share > 0 ? spoken / share : NO_LEVEL, share: share / n };
  }
  function levelBetween(row, s) {
    const place = s / row.step - 0.5;
    const first = Math.max(0, Math.min(row.all.length - 1, Math.floor(place)));
    const last = Math.min(row.all.length - 1, first + 1);
    const part = Math.min(1, Math.max(0, place - first));
    return row.all[first] * (1 - part) + row.all[last] * part;
  }

  // cxaudio/web/call/rates.js
  var LONGEST_GAP = 30;
  var isBroken = (breaks, from, to) => breaks.some((each) => each.start < to && (known(each.end) ? each.end : Infinity) > from);
  function rateAt({ at, rate, error }, s, breaks = []) {
    let low = 0;
    let high = at.length;
    while (low < high) {
      const middle = low + high >> 1;
      if (at[middle] <= s) low = middle + 1;
      else high = middle;
    }
    const before = low - 1;
    if (before < 0 || !known(rate[before]) || s - at[before] > LONGEST_GAP || isBroken(breaks, at[before], s)) return null;
    const joined = low < at.length && known(rate[low]) && at[low] - at[before] <= LONGEST_GAP && !isBroken(breaks, at[before], at[low]);
    if (!joined) return { rate: rate[before], error: error[before] };
    const share = (s - at[before]) / (at[low] - at[before] || 1);
    return {
      rate: rate[before] + share * (rate[low] - rate[before]),
      error: known(error[before]) ? error[before] : null
    };
  }
  function rateRangeOf(sides) {
    let low = Infinity;
    let high = -Infinity;
    for (const { rate, error } of sides) {
      rate.forEach((value, i) => {
        if (!known(value)) return;
        low = Math.min(low, value - (error[i] || 0));
        high = Math.max(high, value + (error[i] || 0));
      });
    }
    if (low > high) return null;
    return { low: Math.max(0, Math.floor(low - 0.3)), high: Math.ceil(high + 0.3) };
  }
  function rateScale(lane, range) {
    const scale = (lane.height - 8) / (range.high - range.low);
    return { y: (rate) => lane.bottom - 4 - (rate - range.low) * scale, step: scale < 16 ? 2 : 1 };
  }
  function* rateRuns({ at, rate, error }, { view, perSecond, breaks = [] }) {
    const margin = LONGEST_GAP + 1;
    const closest = 0.8 / perSecond;
    let run = [];
    let last = -Infinity;
    for (let i = 0; i < at.length; i += 1) {
      if (at[i] < view.from - margin) continue;
      if (at[i] > view.to + margin) break;
      if (!known(rate[i]) || at[i] - last > LONGEST_GAP || isBroken(breaks, last, at[i])) {
        if (run.length) yield run;
        run = [];
        if (!known(rate[i])) {
          last = -Infinity;
          continue;
        }
      } else if (at[i] - last < closest) continue;
      run.push([at[i], rate[i], error[i]]);
      last = at[i];
    }
    if (run.length) yield run;
  }

  // cxaudio/web/call/spans.js
  var endOf = (item, duration2) => known(item.end) ? item.end : known(item.start) ? duration2 : 0;
  var lengthOf = (item) => known(item.end) && known(item.start) ? item.end - item.start : null;
  var touching = (items, from, to, duration2) => items.filter((item) => known(item.start) && item.start <= to && endOf(item, duration2) >= from);
  function insideSpans(spans, s) {
    let low = 0;
    let high = spans.length / 2 - 1;
    while (low <= high) {
      const middle = low + high >> 1;
      if (spans[2 * middle + 1] <= s) low = middle + 1;
      else if (spans[2 * middle] > s) high = middle - 1;
      else return true;
    }
    return false;
  }

  // cxaudio/web/call/call.js
  var facts = JSON.parse(document.getElementById("facts").textContent);
  var texts = createTexts({
    catalogues: facts.texts,
    language: facts.language,
    mix: facts.call.source?.role_source === "mono",
    callLanguage: String(facts.call.language || "")
  });
  var { has, t, textOr, unit, seconds, longSeconds, percent, sideWord, sideTitle, rateText, measure, evidenceRows } = texts;
  var SIDES = ["agent", "customer"];
  var present = (side) => facts.present.includes(side);
  var twoSided = SIDES.every(present) && facts.two_sided;
  var duration = Math.max(facts.duration || 0, 1);
  var end = (item) => endOf(item, duration);
  var within = (items, from, to) => touching(items, from, to, duration);
  var flags = facts.flags.filter((flag) => known(flag.start)).sort((a, b) => a.start - b.start);
  var inStep = known(facts.limits.low) && known(facts.limits.high) ? facts.limits : null;
  var hasLevels = (side) => Boolean(facts.levels && facts.levels[side]);
  var pyramids = Object.fromEntries(SIDES.filter(present).map((side) => [side, levelPyramid({
    levels: hasLevels(side) ? decodeLevels(facts.levels[side]) : null,
    step: hasLevels(side) ? facts.levels.step_s : 0.05,
    spans: facts.speech[side],
    duration
  })]));
  var heights = levelScale(SIDES.filter(present).map((side) => pyramids[side][0]), SIDES.map((side) => facts.sides[side].noise_dbov));
  var rateRange = rateRangeOf(SIDES.map((side) => facts.rates[side]));
  var tempoAt = (s) => facts.tempo.findLast((stretch) => known(stretch.start) && stretch.start <= s);

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

  // cxaudio/web/call/descriptions.js
  var holdWord = (hold) => textOr("hold." + hold.kind, t("hold.hold"));
  var holdShort = (hold) => textOr("hold_short." + hold.kind, t("hold_short.hold"));
  var dropoutWord = () => t("notice.dropout");
  var lineSoundShort = (sound) => textOr("line_sound." + sound.kind, t("line_sound.sound"));
  var lineSoundWord = (sound) => t("line_sound.title", { sound: lineSoundShort(sound) });
  var tempoSigns = (stretch) => (stretch.signs || []).map((sign) => t("tempo_sign." + sign)).join(t("summary.list_comma_plain"));
  var tempoState = (stretch) => has("tempo." + stretch.state) ? stretch.state : "unknown";
  var flagTitle = (flag) => `${t("rule." + flag.rule)} ${known(flag.measured) ? measure(flag.measured, flag.unit) : ""}`.trim();
  function nudgeText(nudge) {
    const key = String(nudge.message_key || nudge.rule || "");
    const own = facts.settings.values?.words?.[key];
    return typeof own === "string" ? own : t(key);
  }
  var meaningOf = (section, name) => textOr(`${section}_meaning.${name}`, "");
  var flagRows = (flag) => [
    [t("column.start"), `${clock(flag.start, true)} – ${known(flag.end) ? clock(flag.end, true) : DASH}`],
    [t("column.duration"), seconds(lengthOf(flag))],
    [t("column.measured"), measure(flag.measured, flag.unit)],
    [t("column.limit"), measure(flag.limit, flag.unit)],
    [t("column.decided_at"), clock(flag.decided_at, true)],
    ...(flag.steps || []).slice(1).map((step) => [t("severity." + step.severity), `${clock(step.at, true)} · ${measure(step.measured, step.unit ?? flag.unit)}`]),
    ...evidenceRows(flag.evidence)
  ];
  function overlapLabels(overlap) {
    return [
      overlap.floor_taken ? t("outcome.floor_taken") : overlap.kind === "butt_in" ? t("outcome.floor_kept") : "",
      overlap.competitive ? t("outcome.competitive") : "",
      overlap.latency_suspect ? t("outcome.latency_suspect") : ""
    ].filter(Boolean).join(", ");
  }
  function overlapRows(overlap) {
    const rows = [
      [t("column.start"), `${clock(overlap.start, true)} · ${seconds(lengthOf(overlap), 2)}`],
      [t("column.entrant"), sideWord(overlap.entrant)],
      [t("column.holder"), sideWord(overlap.holder)]
    ];
    if (overlap.yielded) {
      const delay = known(overlap.yield_delay_s) ? ` · ${seconds(overlap.yield_delay_s, 2)}` : "";
      rows.push([t("column.yielded"), sideWord(overlap.yielded) + delay]);
    }
    if (known(overlap.resumed_after_s)) rows.push([t("column.resumed"), seconds(overlap.resumed_after_s)]);
    if (known(overlap.level_rise_db)) rows.push([t("column.level_rise"), unit("db", overlap.level_rise_db)]);
    const labels = overlapLabels(overlap);
    if (labels) rows.push([t("column.labels"), labels]);
    rows.push([t("column.decided_at"), clock(overlap.decided_at, true)]);
    return rows;
  }
  function readings(s) {
    const rows = [];
    for (const side of SIDES.filter(present)) {
      const level = hasLevels(side) ? levelAt(pyramids[side][0], s) : null;
      const rate = rateAt(facts.rates[side], s, facts.holds);
      const words = [];
      if (known(level)) words.push(unit("dbov", level, 0));
      if (rate) words.push(`${unit("syllables_per_s", rate.rate)}${known(rate.error) ? ` ± ${num(rate.error)}` : ""}`);
      rows.push([sideTitle(side), words.join(" · ") || DASH]);
    }
    if (twoSided) {
      const [agent, customer] = SIDES.map((side) => rateAt(facts.rates[side], s, facts.holds));
      if (agent && customer) rows.push([t("evidence.ratio"), measure(agent.rate / customer.rate, "ratio")]);
      const tempo = tempoAt(s);
      if (tempo) rows.push([t("lane.tempo"), t("tempo." + tempo.state)]);
    }
    return rows;
  }
  var startRow = (item) => [t("column.start"), clock(item.start, true)];
  var durationRow = (item, digits) => [t("column.duration"), seconds(lengthOf(item), digits)];
  function described(hit, s) {
    const { kind, item } = hit || { kind: "voice" };
    switch (kind) {
      case "flag":
        return {
          title: `${t("rule." + item.rule)} · ${t("severity." + item.severity)}`,
          note: meaningOf("rule", item.rule),
          rows: flagRows(item)
        };
      case "overlap":
        return { title: t("overlap." + item.kind), note: meaningOf("overlap", item.kind), rows: overlapRows(item) };
      case "silence":
        return { title: t("silence." + (item.owed_by || "nobody")), rows: [startRow(item), durationRow(item)] };
      case "hold":
        return {
          title: holdWord(item),
          note: t("legend.left_out"),
          rows: [startRow(item), durationRow(item), ...item.side ? [[t("column.side"), sideWord(item.side)]] : []]
        };
      case "line_sound":
        return {
          title: lineSoundWord(item),
          note: t("legend.line_sound"),
          rows: [startRow(item), durationRow(item), [t("column.side"), sideWord(item.side)]]
        };
      case "dropout":
        return {
          title: t("legend.dropout"),
          rows: [startRow(item), durationRow(item, 2), [t("column.side"), sideWord(item.side)]]
        };
      case "nudge":
        return {
          title: `“${nudgeText(item)}”`,
          note: t("legend.nudge"),
          rows: [[t("column.shown_at"), clock(item.shown_at, true)], [t("column.gone_at"), clock(item.gone_at, true)], ...evidenceRows(item.evidence)]
        };
      case "tempo":
        return {
          title: `${t("lane.tempo")}: ${t("tempo." + item.state)}`,
          rows: [startRow(item), [t("column.end"), clock(item.end, true)], ...tempoSigns(item) ? [[t("column.signs"), tempoSigns(item)]] : []]
        };
      default:
        return { title: clock(s, true), rows: readings(s) };
    }
  }

  // cxaudio/web/call/settings.js
  var isSection = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  function settingSections(values, title) {
    const sections = [];
    const walk = (name, section) => {
      const own = Object.entries(section).filter(([, value]) => !isSection(value));
      if (own.length) sections.push({ name: name ?? title, rows: own.map(([key, value]) => [key, Array.isArray(value) ? value.join(", ") : String(value)]) });
      for (const [key, value] of Object.entries(section)) if (isSection(value)) walk(name === null ? key : `${name}.${key}`, value);
    };
    walk(null, values);
    return sections;
  }

  // cxaudio/web/call/figures.js
  function withError(rate, error) {
    if (!known(rate) || !known(error)) return unit("syllables_per_s", rate, 2);
    return t("unit.syllables_per_s", { n: `${num(rate, 2)} ± ${num(error, 2)}` });
  }
  function sideTable() {
    const shown = SIDES.filter(present);
    const words = facts.limits.syllables_per_word;
    const rates = (side) => facts.sides[side].articulation_rate;
    const rows = [
      ["speech_s", (s) => longSeconds(s.speech_s)],
      ["talk_share", (s) => percent(s.talk_share), true],
      ["turns", (s, side) => num(facts.turns.filter((turn) => turn.side === side).length, 0), true],
      ["syllables", (s) => num(s.syllables, 0)],
      ["articulation_rate", (s) => withError(s.articulation_rate, s.articulation_rate_std_error)],
      ["speaking_rate", (s) => unit("syllables_per_s", s.speaking_rate, 2), true],
      ["baseline_rate", (s) => unit("syllables_per_s", s.baseline_rate, 2)],
      ["characters_per_min", (s, side) => known(rates(side)) ? num(60 * rates(side), 0) : DASH],
      ["words_per_min", (s, side) => known(rates(side)) && words ? num(60 * rates(side) / words, 0) : DASH],
      ["response_median", (s) => seconds(s.response_times?.median_s, 2), true],
      ["response_p90", (s) => seconds(s.response_times?.p90_s, 2), true],
      ["responses", (s) => num(s.response_times?.n, 0), true],
      ["interruptions", (s) => num(s.interruptions, 0), true],
      ["backchannels", (s) => num(s.backchannels, 0), true],
      ["level_dbov", (s) => unit("dbov", s.level_dbov)],
      ["noise_dbov", (s) => unit("dbov", s.noise_dbov)],
      ["snr_db", (s) => unit("db", s.snr_db)]
    ].filter(([, , needsBoth]) => twoSided || !needsBoth);
    return make(
      "table",
      { class: "side-table" },
      make("thead", {}, make(
        "tr",
        {},
        make("th", { scope: "col" }, t("column.measure")),
        ...shown.map((side) => make("th", { scope: "col", class: "number " + side }, sideTitle(side)))
      )),
      make("tbody", {}, ...rows.map(([key, cell]) => make(
        "tr",
        {},
        make("th", { scope: "row" }, t("measure." + key)),
        ...shown.map((side) => make("td", {}, cell(facts.sides[side], side)))
      )))
    );
  }
  function wholeTable() {
    const whole = facts.whole_call;
    const broken = new Set((whole.flags || []).map((flag) => flag.rule));
    const rows = [
      ["talk_share_agent", percent],
      ["overlap_share", (x) => percent(x, 1)],
      ["silence_share", (x) => percent(x, 1)],
      ["response_median_s", (x) => seconds(x, 2)],
      ["interruptions", (x) => num(x, 0)],
      ["interruptions_per_min", (x) => num(x, 2)]
    ].filter(([key]) => known(whole[key])).map(([key, text]) => {
      const limit = facts.settings.values?.whole_call?.[key];
      return make(
        "tr",
        {},
        make("th", { scope: "row" }, t("measure." + (key === "interruptions" ? "interruptions_whole" : key))),
        make("td", { class: broken.has(key) ? "over-limit" : null }, text(whole[key])),
        make(
          "td",
          { class: broken.has(key) ? "over-limit" : null },
          known(limit) ? t("figure.limit", { limit: text(limit) }) + (broken.has(key) ? ` (${t("measure.over_limit")})` : "") : ""
        )
      );
    });
    const { in_step: inStepFound } = whole;
    if (inStepFound) {
      const row = (key, value, limit) => make("tr", {}, make("th", { scope: "row" }, t("measure." + key)), make("td", {}, value), make("td", {}, limit));
      rows.push(
        row("in_step_share", percent(inStepFound.share, 1), ""),
        row("lowest_ratio", measure(inStepFound.lowest, "ratio"), inStep ? t("figure.limit", { limit: measure(inStep.low, "ratio") }) : ""),
        row("highest_ratio", measure(inStepFound.highest, "ratio"), inStep ? t("figure.limit", { limit: measure(inStep.high, "ratio") }) : "")
      );
    }
    const together = Object.entries(whole.accommodation || {}).filter(([, value]) => known(value) || value === null);
    const accommodation = together.map(([key, value]) => make(
      "tr",
      {},
      make("th", { scope: "row" }, t("measure." + key)),
      make("td", {}, known(value) ? num(value, Number.isInteger(value) ? 0 : 3) : t("page.unknown"))
    ));
    if (!rows.length && !accommodation.length) return null;
    return make(
      "div",
      {},
      make(
        "table",
        { class: "whole-table" },
        make("thead", {}, make("tr", {}, make("th", { scope: "col", colspan: "3" }, t("page.whole_call")))),
        make("tbody", {}, ...rows)
      ),
      accommodation.length ? make(
        "details",
        { class: "accommodation" },
        make("summary", {}, `${t("measure.accommodation")}: ${t("measure.accommodation_note")}`),
        make("table", {}, make("tbody", {}, ...accommodation))
      ) : null
    );
  }
  function settingsBody() {
    const { values, ...rest } = facts.settings;
    const sections = [rest, values || {}].flatMap((settings) => settingSections(settings, t("page.settings")));
    const versions = { name: t("page.versions"), rows: Object.entries(facts.versions).map(([key, value]) => [key, String(value)]) };
    return [versions, ...sections].map(({ name, rows }) => make("section", {}, make("h3", {}, name), list(rows)));
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
  function penOn(canvas, width, height, { detached = false, scale = Math.min(3, window.devicePixelRatio || 1) } = {}) {
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
      if (!detached) canvas.style.height = `${height}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    return pen;
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

  // cxaudio/web/call/symbols.js
  var OVERLAP_COLOUR = {
    interruption: "alarm",
    butt_in: "alarm",
    pause_cut_in: "purple",
    early_reply: "green",
    simultaneous_start: "ink_2",
    backchannel: "ink_3"
  };
  var OVERLAP_ORDER = ["backchannel", "simultaneous_start", "early_reply", "pause_cut_in", "butt_in", "interruption"];
  function overlapSign(pen, ink, kind, x, y, r, down) {
    const colour = ink[OVERLAP_COLOUR[kind]] || ink.ink_2;
    const s = down ? 1 : -1;
    pen.fillStyle = colour;
    pen.strokeStyle = colour;
    pen.lineWidth = 1.6;
    pen.lineJoin = "round";
    pen.beginPath();
    switch (kind) {
      case "interruption":
      // a full wedge that points at the other side's speech
      case "butt_in":
        pen.moveTo(x - r, y - s * r * 0.8);
        pen.lineTo(x + r, y - s * r * 0.8);
        pen.lineTo(x, y + s * r);
        pen.closePath();
        if (kind === "interruption") pen.fill();
        else {
          pen.fillStyle = ink.paper;
          pen.fill();
        }
        pen.stroke();
        break;
      case "pause_cut_in":
        pen.moveTo(x - r, y - r * 0.9);
        pen.lineTo(x - r, y + r * 0.9);
        pen.moveTo(x + r, y - r * 0.9);
        pen.lineTo(x + r, y + r * 0.9);
        pen.stroke();
        pen.beginPath();
        pen.moveTo(x - r * 0.55, y - s * r * 0.7);
        pen.lineTo(x + r * 0.55, y - s * r * 0.7);
        pen.lineTo(x, y + s * r * 0.7);
        pen.closePath();
        pen.fill();
        break;
      case "early_reply":
        pen.arc(x, y, r * 0.72, 0, 2 * Math.PI);
        pen.fill();
        break;
      case "simultaneous_start":
        pen.lineWidth = 2.2;
        pen.moveTo(x - r * 0.4, y - r * 0.85);
        pen.lineTo(x - r * 0.4, y + r * 0.85);
        pen.moveTo(x + r * 0.4, y - r * 0.85);
        pen.lineTo(x + r * 0.4, y + r * 0.85);
        pen.stroke();
        break;
      default:
        pen.lineWidth = 1.3;
        pen.arc(x, y, r * 0.5, 0, 2 * Math.PI);
        pen.stroke();
    }
  }
  function severitySign(pen, ink, severity, x, y, r) {
    pen.lineWidth = 1.5;
    pen.lineJoin = "miter";
    if (severity === "note") {
      pen.strokeStyle = ink.ink_2;
      pen.fillStyle = ink.paper;
      pen.beginPath();
      pen.arc(x, y, r * 0.66, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
      return;
    }
    pen.fillStyle = ink.alarm;
    pen.strokeStyle = ink.paper;
    for (const shift of severity === "severe" ? [0, r * 1.5] : [0]) {
      pen.beginPath();
      pen.moveTo(x + shift - r, y);
      pen.lineTo(x + shift, y - r);
      pen.lineTo(x + shift + r, y);
      pen.lineTo(x + shift, y + r);
      pen.closePath();
      pen.fill();
      pen.stroke();
    }
  }
  function nudgeSign(pen, ink, x, y, r) {
    pen.strokeStyle = ink.ink_2;
    pen.fillStyle = ink.paper;
    pen.lineWidth = 1.4;
    pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(x - r, y - r * 0.8);
    pen.lineTo(x + r, y - r * 0.8);
    pen.lineTo(x + r, y + r * 0.4);
    pen.lineTo(x - r * 0.1, y + r * 0.4);
    pen.lineTo(x - r * 0.6, y + r);
    pen.lineTo(x - r * 0.6, y + r * 0.4);
    pen.lineTo(x - r, y + r * 0.4);
    pen.closePath();
    pen.fill();
    pen.stroke();
  }
  function hatch(pen, x, y, width, height, colour, slant, gap = 5) {
    pen.save();
    pen.beginPath();
    pen.rect(x, y, width, height);
    pen.clip();
    pen.strokeStyle = colour;
    pen.fillStyle = colour;
    pen.lineWidth = 1.2;
    pen.beginPath();
    if (slant === 0) {
      for (let a = x + gap / 2; a < x + width; a += gap) for (let b = y + gap / 2; b < y + height; b += gap) pen.rect(a - 0.8, b - 0.8, 1.6, 1.6);
      pen.fill();
    } else {
      for (let a = Math.floor((x - height) / gap) * gap; a < x + width + height; a += gap) {
        pen.moveTo(a, slant > 0 ? y + height : y);
        pen.lineTo(a + height, slant > 0 ? y : y + height);
      }
      pen.stroke();
    }
    pen.restore();
  }
  function tempoTexture(pen, ink, state, x, y, width, height) {
    pen.save();
    pen.beginPath();
    pen.rect(x, y, width, height);
    pen.clip();
    pen.strokeStyle = ink.customer;
    pen.lineWidth = 1.2;
    const middle = y + height / 2;
    pen.beginPath();
    if (state === "hurried") {
      for (let a = x + 3; a < x + width + 6; a += 7) {
        pen.moveTo(a - 3, middle - 4);
        pen.lineTo(a, middle);
        pen.lineTo(a - 3, middle + 4);
      }
    } else if (state === "relaxed") {
      pen.moveTo(x, middle);
      for (let a = x; a < x + width + 24; a += 24) {
        pen.bezierCurveTo(a + 6, middle - 5, a + 6, middle - 5, a + 12, middle);
        pen.bezierCurveTo(a + 18, middle + 5, a + 18, middle + 5, a + 24, middle);
      }
    } else if (state === "neutral") {
      pen.moveTo(x, middle);
      pen.lineTo(x + width, middle);
    } else {
      pen.strokeStyle = ink.ink_3;
      pen.setLineDash([1, 5]);
      pen.moveTo(x, middle);
      pen.lineTo(x + width, middle);
    }
    pen.stroke();
    pen.restore();
  }
  function leftOutBox(pen, ink, { x0, x1, y0, y1 }) {
    pen.fillStyle = ink.paper;
    pen.globalAlpha = 0.6;
    pen.fillRect(x0, y0, x1 - x0, y1 - y0);
    pen.globalAlpha = 0.16;
    pen.fillStyle = ink.ink_3;
    pen.fillRect(x0, y0, x1 - x0, y1 - y0);
    pen.globalAlpha = 1;
    pen.strokeStyle = ink.ink_3;
    pen.lineWidth = 1;
    pen.setLineDash([4, 3]);
    pen.strokeRect(x0 + 0.5, y0 + 0.5, x1 - x0 - 1, y1 - y0 - 1);
    pen.setLineDash([]);
  }
  function lostBox(pen, ink, { x0, x1, y0, y1 }) {
    pen.fillStyle = ink.paper;
    pen.fillRect(x0, y0, x1 - x0, y1 - y0);
    hatch(pen, x0, y0, x1 - x0, y1 - y0, ink.ink_2, 1, 4);
    hatch(pen, x0, y0, x1 - x0, y1 - y0, ink.ink_2, -1, 4);
  }
  function lineSoundBar(pen, ink, x, y, width, height) {
    pen.fillStyle = ink.ink_3;
    pen.globalAlpha = 0.8;
    for (let a = 0; a < width; a += 3) pen.fillRect(x + a, y, Math.min(1.6, width - a), height);
    pen.globalAlpha = 1;
  }

  // cxaudio/web/call/table_columns.js
  var SEVERITIES = ["note", "flag", "severe"];
  var sideCell = (side) => ({ text: sideTitle(side), sort: side || "", class: side === "agent" || side === "customer" ? side : "" });
  var timeCell = (s) => ({ text: clock(s, true), sort: s, seek: known(s) ? s : null });
  var numberCell = (x, text) => ({ text, sort: known(x) ? x : null, number: true });
  var secondsCell = (x, digits) => numberCell(x, seconds(x, digits));
  var measuredCell = (x, name) => numberCell(x, measure(x, name));
  var textCell = (text) => ({ text, sort: text });
  var NO_CELL = { text: DASH };
  var LONG_SILENCE = facts.settings.values?.whole_call?.silence_min_s ?? 2;
  var KIND_WORDS = { silence: () => t("silence.short_nobody"), hold: holdWord, dropout: dropoutWord, line_sound: lineSoundWord };
  var spurts = () => SIDES.flatMap((side) => {
    const edges = facts.speech[side];
    const syllables = facts.speech_syllables[side];
    return Array.from({ length: edges.length / 2 }, (_, k) => ({ side, start: edges[2 * k], end: edges[2 * k + 1], syllables: syllables[k] ?? null }));
  }).sort((a, b) => a.start - b.start);
  var verdictParts = (flag) => {
    const words = (flag.verdicts || []).map(([decision, n]) => t("verdict." + decision) + (n > 1 ? ` ×${n}` : ""));
    return [...words.length ? [words.join(", ")] : [], ...flag.notes || []];
  };
  var wholeFlags = () => (facts.whole_call.flags || []).map((flag) => ({ ...flag, whole: true }));
  var judged = [...facts.flags, ...wholeFlags()].some((flag) => flag.verdicts);
  var TABLES = [
    {
      // The limits of the whole call that were broken stand behind the flags, and have no place on the timeline.
      name: "flags",
      items: () => [...flags, ...wholeFlags()],
      print: "yes",
      columns: ["start", "end", "rule", "severity", "measured", "limit", "decided_at", "evidence", ...judged ? ["verdict"] : []],
      sign: (flag) => (pen, ink) => severitySign(pen, ink, flag.severity, flag.severity === "severe" ? 5 : 8, 7, 4.6),
      cells: (flag) => [
        flag.whole ? { text: t("page.whole_call"), sort: null } : timeCell(flag.start),
        timeCell(flag.end),
        { ...textCell(flag.whole ? t("measure." + flag.rule) : t("rule." + flag.rule)), title: meaningOf("rule", flag.rule) || null },
        { text: t("severity." + flag.severity), sort: SEVERITIES.indexOf(flag.severity), sign: true },
        measuredCell(flag.measured, flag.unit),
        measuredCell(flag.limit, flag.unit),
        timeCell(flag.decided_at),
        { parts: evidenceRows(flag.evidence).map(([name, value]) => `${name} ${value}`), sort: "", class: "evidence" },
        ...judged ? [{ parts: verdictParts(flag), sort: verdictParts(flag)[0] || "", class: "evidence" }] : []
      ]
    },
    {
      name: "overlaps",
      items: () => facts.overlaps,
      print: "filtered",
      columns: ["start", "duration", "kind", "entrant", "holder", "outcome", "yielded", "yield_delay", "resumed", "level_rise"],
      filter: { key: "table.interruptions_only", test: (overlap) => overlap.kind === "interruption" || overlap.kind === "butt_in" },
      sign: (overlap) => (pen, ink) => overlapSign(pen, ink, overlap.kind, 8, 7, 5, overlap.entrant !== "customer"),
      cells: (overlap) => [
        timeCell(overlap.start),
        secondsCell(lengthOf(overlap), 2),
        { text: t("overlap." + overlap.kind), sort: OVERLAP_ORDER.indexOf(overlap.kind), sign: true, title: meaningOf("overlap", overlap.kind) || null },
        sideCell(overlap.entrant),
        sideCell(overlap.holder),
        { text: overlapLabels(overlap) || DASH },
        overlap.yielded ? sideCell(overlap.yielded) : NO_CELL,
        secondsCell(overlap.yield_delay_s, 2),
        secondsCell(overlap.resumed_after_s),
        numberCell(overlap.level_rise_db, unit("db", overlap.level_rise_db))
      ]
    },
    {
      name: "speech",
      items: spurts,
      print: "no",
      columns: ["start", "side", "duration", "syllables"],
      cells: (spurt) => [timeCell(spurt.start), sideCell(spurt.side), secondsCell(lengthOf(spurt), 2), numberCell(spurt.syllables, num(spurt.syllables, 0))]
    },
    {
      name: "turns",
      items: () => facts.turns,
      print: "no",
      columns: ["start", "side", "duration", "speech", "syllables", "rate", "level"],
      cells: (turn) => [
        timeCell(turn.start),
        sideCell(turn.side),
        secondsCell(lengthOf(turn)),
        secondsCell(turn.speech_s),
        numberCell(turn.syllables, num(turn.syllables, 0)),
        numberCell(turn.articulation_rate, known(turn.articulation_rate) ? rateText(turn.articulation_rate) : DASH),
        numberCell(turn.level_dbov, unit("dbov", turn.level_dbov))
      ]
    },
    {
      name: "responses",
      items: () => facts.responses,
      print: "no",
      columns: ["start", "side", "response_time"],
      // A reply that began before the other side had ended is played from its own beginning.
      cells: (response) => [
        timeCell(known(response.end) ? Math.min(response.start, response.end) : response.start),
        sideCell(response.side),
        secondsCell(response.response_time_s, 2)
      ]
    },
    {
      name: "silences",
      print: "filtered",
      items: () => [
        ...facts.silences.map((item) => ({ ...item, what: "silence" })),
        ...facts.holds.map((item) => ({ ...item, what: "hold" })),
        ...facts.dropouts.map((item) => ({ ...item, what: "dropout" })),
        ...facts.line_sounds.map((item) => ({ ...item, what: "line_sound" }))
      ].sort((a, b) => a.start - b.start),
      columns: ["start", "end", "duration", "kind", "side", "owed_by"],
      filter: { key: "table.long_only", values: { n: LONG_SILENCE }, test: (item) => item.what !== "silence" || !(lengthOf(item) < LONG_SILENCE) },
      cells: (item) => [
        timeCell(item.start),
        timeCell(item.end),
        secondsCell(lengthOf(item)),
        textCell(KIND_WORDS[item.what](item)),
        item.what === "silence" ? NO_CELL : sideCell(item.side),
        item.what === "silence" ? item.owed_by ? sideCell(item.owed_by) : { text: t("side.nobody"), sort: "" } : NO_CELL
      ]
    },
    {
      name: "tempo",
      items: () => facts.tempo,
      print: "no",
      columns: ["start", "end", "duration", "tempo", "signs"],
      cells: (stretch) => [
        timeCell(stretch.start),
        timeCell(stretch.end),
        secondsCell(lengthOf(stretch)),
        textCell(t("tempo." + tempoState(stretch))),
        textCell(tempoSigns(stretch) || DASH)
      ]
    },
    {
      name: "nudges",
      items: () => facts.nudges.map((nudge) => ({ ...nudge, start: nudge.shown_at })),
      print: "yes",
      columns: ["shown_at", "gone_at", "rule", "text"],
      cells: (nudge) => [timeCell(nudge.shown_at), timeCell(nudge.gone_at), textCell(t("rule." + nudge.rule)), textCell(nudgeText(nudge))]
    },
    {
      name: "notices",
      items: () => facts.notices,
      print: "yes",
      columns: ["start", "end", "kind", "side", "measured", "limit"],
      cells: (notice) => [
        timeCell(notice.start),
        timeCell(notice.end),
        textCell(t("notice." + notice.kind)),
        sideCell(notice.side),
        measuredCell(notice.measured, notice.unit),
        measuredCell(notice.limit, notice.unit)
      ]
    }
  ];

  // cxaudio/web/call/legend.js
  function legendEntries() {
    const entry = (draw, text) => make("span", {}, signCanvas(26, 16, draw), text);
    const entries = [
      entry((pen, ink) => {
        pen.fillStyle = ink.agent;
        [4, 9, 12, 8, 11, 6].forEach((tall, k) => pen.fillRect(3 + k * 3.4, 13 - tall, 2.6, tall));
      }, t("legend.speech")),
      entry((pen, ink) => {
        pen.fillStyle = ink.ink_3;
        pen.globalAlpha = 0.35;
        [2, 3, 2, 4, 3, 2].forEach((tall, k) => pen.fillRect(3 + k * 3.4, 13 - tall, 2.6, tall));
        pen.globalAlpha = 1;
      }, t("legend.other_sound"))
    ];
    if (facts.turns.length) {
      entries.push(entry((pen, ink) => {
        pen.fillStyle = ink.agent;
        pen.fillRect(1, 7, 12, 2.4);
        pen.fillRect(15, 7, 10, 2.4);
      }, t("legend.turn")));
    }
    if (twoSided) {
      for (const kind of [...OVERLAP_ORDER].reverse()) {
        if (!facts.overlaps.some((overlap) => overlap.kind === kind)) continue;
        const text = t("overlap." + kind) + (kind === "interruption" ? t("legend.points_at") : "");
        entries.push(entry((pen, ink) => overlapSign(pen, ink, kind, 13, 8, 6, true), text));
      }
      for (const [owed, colour, slant] of [["agent", "agent", 1], ["customer", "customer", -1], ["nobody", "ink_3", 0]]) {
        if (!facts.silences.some((silence) => (silence.owed_by || "nobody") === owed)) continue;
        entries.push(entry((pen, ink) => hatch(pen, 1, 3, 24, 10, ink[colour], slant), t("silence." + owed)));
      }
      for (const severity of SEVERITIES) {
        if (!flags.some((flag) => flag.severity === severity)) continue;
        const x = severity === "severe" ? 9 : 13;
        entries.push(entry((pen, ink) => severitySign(pen, ink, severity, x, 8, 5), t("severity." + severity)));
      }
    }
    if (facts.nudges.length) entries.push(entry((pen, ink) => nudgeSign(pen, ink, 13, 8, 6), t("legend.nudge")));
    if (facts.holds.length) entries.push(entry((pen, ink) => leftOutBox(pen, ink, { x0: 2, x1: 24, y0: 1, y1: 15 }), t("legend.left_out")));
    if (facts.line_sounds.length) entries.push(entry((pen, ink) => lineSoundBar(pen, ink, 2, 6, 22, 4), t("legend.line_sound")));
    if (facts.dropouts.length) entries.push(entry((pen, ink) => lostBox(pen, ink, { x0: 3, x1: 23, y0: 2, y1: 14 }), t("legend.dropout")));
    if (rateRange) {
      for (const side of SIDES.filter(present)) {
        entries.push(entry((pen, ink) => {
          pen.fillStyle = ink[side];
          pen.globalAlpha = 0.22;
          pen.fillRect(1, 3, 24, 10);
          pen.globalAlpha = 1;
          pen.strokeStyle = ink[side];
          pen.lineWidth = 1.8;
          if (side === "customer") pen.setLineDash([6, 3]);
          pen.beginPath();
          pen.moveTo(1, 8);
          pen.lineTo(25, 8);
          pen.stroke();
          pen.setLineDash([]);
        }, t("legend.rate_band", { side: sideTitle(side) })));
      }
      if (twoSided && inStep) {
        entries.push(entry((pen, ink) => {
          pen.fillStyle = ink.zone;
          pen.globalAlpha = 0.22;
          pen.fillRect(1, 3, 24, 10);
          pen.globalAlpha = 1;
        }, t("legend.in_step_zone", { low: measure(inStep.low, "ratio"), high: measure(inStep.high, "ratio") })));
      }
    }
    return entries;
  }

  // cxaudio/web/call/player.js
  var MOST_APART = 0.06;
  var Player = class {
    constructor({ onTime, onState, onTrouble }) {
      this.onTime = onTime;
      this.onState = onState;
      this.onTrouble = onTrouble;
      this.position = 0;
      const sources = facts.audio ? facts.audio.sources : [];
      this.tracks = sources.map((source) => {
        const track = new Audio();
        track.preload = "metadata";
        track.addEventListener("error", () => onTrouble("missing"));
        track.src = source;
        document.body.append(track);
        return track;
      });
      [this.first] = this.tracks;
      if (!this.first) return;
      this.first.addEventListener("loadedmetadata", () => {
        if (Number.isFinite(this.first.duration) && this.first.duration < duration - 2) onTrouble("short", this.first.duration);
      });
      for (const name of ["play", "pause", "ended", "seeked"]) this.first.addEventListener(name, () => this.announce());
    }
    /** Return whether there is a recording to play. */
    get hasSound() {
      return this.tracks.length > 0;
    }
    get playing() {
      return this.hasSound && !this.first.paused && !this.first.ended;
    }
    get time() {
      return this.hasSound && this.first.readyState > 0 ? this.first.currentTime : this.position;
    }
    seek(s) {
      this.position = Math.min(duration, Math.max(0, s));
      for (const track of this.tracks) track.currentTime = this.position;
      this.onTime(this.position, true);
    }
    play() {
      if (!this.hasSound) return;
      if (this.first.ended) this.seek(0);
      for (const track of this.tracks) {
        track.play().catch(() => this.announce());
      }
    }
    pause() {
      for (const track of this.tracks) track.pause();
    }
    toggle() {
      if (this.playing) this.pause();
      else this.play();
    }
    setSpeed(speed) {
      for (const track of this.tracks) track.playbackRate = speed;
    }
    /** Report playing or pause, and follow the position while it plays. */
    announce() {
      this.onState(this.playing);
      if (this.playing) this.run();
      else this.onTime(this.time, false);
    }
    run() {
      if (this.running) return;
      this.running = true;
      const step = () => {
        if (!this.playing) {
          this.running = false;
          return;
        }
        for (const track of this.tracks.slice(1)) {
          if (Math.abs(track.currentTime - this.first.currentTime) > MOST_APART) track.currentTime = this.first.currentTime;
        }
        this.position = this.first.currentTime;
        this.onTime(this.position, true);
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    }
  };

  // cxaudio/web/call/flag_rows.js
  var BY_WEIGHT = ["severe", "flag", "note"];
  function placeFlags(marks, { right, n }) {
    const places = marks.map((mark) => ({ ...mark, row: 0, room: 0 }));
    const taken = Array.from({ length: n }, () => []);
    const free = (row, from, to) => taken[row].every((other) => to <= other.x0 - 6 || from >= Math.max(other.x1, other.x0 + other.sign) + 4);
    const weight = ({ flag }) => BY_WEIGHT.indexOf(flag.severity);
    for (const place of [...places].sort((a, b) => weight(a) - weight(b) || a.x0 - b.x0)) {
      const bare = Math.max(place.x1, place.x0 + place.sign);
      const named = Math.max(bare, place.x0 + place.sign + place.textWidth + 10);
      let row = taken.findIndex((_, k) => free(k, place.x0, named));
      if (row < 0) row = taken.findIndex((_, k) => free(k, place.x0, bare));
      if (row < 0) row = n - 1;
      place.row = row;
      taken[row].push({ x0: place.x0, x1: free(row, place.x0, named) ? named : bare, sign: place.sign });
    }
    for (const place of places) {
      const others = places.filter((other) => other !== place && other.row === place.row);
      const next = Math.min(right, ...others.filter((other) => other.x0 >= place.x0).map((other) => other.x0));
      const inside = others.some((other) => other.x0 < place.x0 && Math.max(other.x1, other.x0 + other.sign) > place.x0);
      place.room = inside ? 0 : next - place.x0 - place.sign - 4;
    }
    return places;
  }

  // cxaudio/web/call/layout.js
  var SCREEN = { axis: 20, flagRow: 22, nudges: 20, voice: 62, between: 40, tempo: 20, rates: 138, gaps: [2, 8, 8, 12], text: 12, small: 11, sign: 6 };
  var PAPER = { axis: 14, flagRow: 15, nudges: 14, voice: 26, between: 26, tempo: 12, rates: 50, gaps: [1, 2, 4, 7], text: 8.5, small: 8, sign: 4.5 };
  var NARROW = 860;
  var CLOSEST_TICKS = 72;
  var STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  function layoutFor(width, { shown, flagRows: flagRows2, printed = false, inCharacters = false }) {
    const size = printed ? PAPER : SCREEN;
    const layout = {
      width,
      left: width < NARROW ? 86 : 118,
      right: width - (inCharacters && shown.rates ? 40 : 12),
      lanes: {},
      size,
      printed,
      flagRows: flagRows2,
      inCharacters
    };
    let y = 0;
    const lane = (name, height, gap = 0) => {
      y += gap;
      layout.lanes[name] = { top: y, bottom: y + height, middle: y + height / 2, height };
      y += height;
    };
    lane("axis", size.axis);
    if (shown.flags) lane("flags", flagRows2 * size.flagRow + 2, size.gaps[0]);
    if (shown.nudges) lane("nudges", size.nudges);
    if (shown.agent) lane("agent", size.voice, size.gaps[1]);
    if (shown.between) lane("between", size.between);
    if (shown.customer) lane("customer", size.voice, shown.between ? 0 : size.gaps[1]);
    if (shown.tempo) lane("tempo", size.tempo, size.gaps[2]);
    if (shown.rates) lane("rates", size.rates, size.gaps[3]);
    layout.height = y + 8;
    return layout;
  }
  var axisStep = (perSecond) => STEPS.find((step) => step * perSecond >= CLOSEST_TICKS) || 3600;
  function axisTimes(view, step, duration2) {
    const last = Math.min(view.to, duration2) + 1e-9;
    const times = [];
    for (let k = Math.max(0, Math.ceil(view.from / step - 1e-9)); k * step <= last; k += 1) times.push(k * step);
    return times;
  }

  // cxaudio/web/call/view.js
  var SHORTEST_VIEW = 2;
  var lengthWithin = (length, duration2) => Math.min(duration2, Math.max(SHORTEST_VIEW, length));
  var viewFrom = (start, length, duration2) => {
    const from = Math.min(Math.max(0, start), duration2 - length);
    return { from, to: from + length };
  };
  function viewOf(from, to, duration2) {
    const length = lengthWithin(to - from, duration2);
    return viewFrom((from + to - length) / 2, length, duration2);
  }
  function zoomed({ from, to }, factor, about, duration2) {
    const length = lengthWithin((to - from) / factor, duration2);
    return viewFrom(about - (about - from) / (to - from) * length, length, duration2);
  }
  function moved({ from, to }, shift, duration2) {
    const bounded = Math.min(Math.max(shift, -from), duration2 - to);
    return viewOf(from + bounded, to + bounded, duration2);
  }
  function centred({ from, to }, s, duration2) {
    const half = (to - from) / 2;
    const middle = Math.min(Math.max(s, half), duration2 - half);
    return viewOf(middle - half, middle + half, duration2);
  }
  function viewAround(start, stop, duration2) {
    const margin = Math.max(8, 0.6 * (stop - start));
    return viewOf(start - margin, stop + margin, duration2);
  }
  function following(view, s, duration2) {
    const { from, to } = view;
    return s < from || s > to ? viewOf(s - 0.05 * (to - from), s + 0.95 * (to - from), duration2) : view;
  }
  function viewForRow(view, s, duration2) {
    const { from, to } = view;
    if (to - from > 120) return viewOf(s - 20, s + 40, duration2);
    return s < from || s > to ? viewOf(s - (to - from) / 4, s + 3 * (to - from) / 4, duration2) : view;
  }
  function scaleOf(view, left, right) {
    const perSecond = (right - left) / (view.to - view.from);
    return { perSecond, x: (s) => left + (s - view.from) * perSecond, time: (px) => view.from + (px - left) / perSecond };
  }

  // cxaudio/web/call/lanes.js
  var FLAG_ROWS = flags.length > 6 ? 3 : flags.length > 1 ? 2 : 1;
  var SHOWN = {
    flags: flags.length > 0 || twoSided,
    nudges: facts.nudges.length > 0,
    agent: present("agent"),
    between: twoSided,
    customer: present("customer"),
    tempo: twoSided && facts.tempo.length > 0,
    rates: rateRange !== null
  };
  var callLayout = (width, { printed = false, flagRows: flagRows2 = FLAG_ROWS } = {}) => layoutFor(width, { shown: SHOWN, flagRows: flagRows2, printed, inCharacters: texts.inCharacters() });
  function drawLanes(pen, ink, view, layout) {
    const { left, right, lanes } = layout;
    const { perSecond, x, time } = scaleOf(view, left, right);
    const hits = [];
    const over = Math.min(right, x(duration));
    const scene = { pen, ink, view, layout, lanes, left, right, over, perSecond, x, hits };
    pen.clearRect(0, 0, layout.width, layout.height);
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    drawAxis(scene);
    pen.save();
    pen.beginPath();
    pen.rect(left - 1, 0, right - left + 2, layout.height);
    pen.clip();
    if (lanes.rates) drawRates(scene);
    for (const side of SIDES) if (lanes[side]) drawVoice(scene, side);
    for (const side of SIDES) if (lanes[side]) drawLineSounds(scene, side);
    if (lanes.agent || lanes.customer) drawLeftOut(scene);
    if (lanes.between) drawBetween(scene);
    if (lanes.tempo) drawTempo(scene);
    if (lanes.flags) drawFlags(scene);
    if (lanes.nudges) drawNudges(scene);
    pen.restore();
    drawNames(scene);
    if (lanes.rates) drawRateAxis(scene);
    return { hits, x, time, layout };
  }
  var font = (ink, size, weight = 400) => `${weight} ${size}px ${ink.font}`;
  function drawAxis({ pen, ink, view, layout, lanes, left, over, perSecond, x }) {
    const step = axisStep(perSecond);
    pen.font = font(ink, layout.size.small);
    pen.lineWidth = 1;
    for (const s of axisTimes(view, step, duration)) {
      const at = Math.round(x(s)) + 0.5;
      pen.strokeStyle = ink.rule_2;
      pen.beginPath();
      pen.moveTo(at, lanes.axis.bottom);
      pen.lineTo(at, layout.height - 8);
      pen.stroke();
      const text = clock(s, step < 1);
      const width = pen.measureText(text).width;
      if (at - width / 2 < left - 4 || at + width / 2 > layout.width) continue;
      pen.fillStyle = ink.ink_2;
      pen.textAlign = "center";
      pen.fillText(text, at, lanes.axis.middle - 1);
    }
    pen.textAlign = "left";
    pen.strokeStyle = ink.rule;
    pen.beginPath();
    pen.moveTo(left, lanes.axis.bottom - 0.5);
    pen.lineTo(over, lanes.axis.bottom - 0.5);
    pen.stroke();
  }
  function drawNames({ pen, ink, layout, lanes }) {
    const { text: size, small } = layout.size;
    const name = (lane, text, colour, weight, below) => {
      if (!lane) return;
      pen.fillStyle = colour;
      pen.font = font(ink, size, weight);
      const width = layout.left - 10;
      const [first, second] = linesOf(pen, text, width);
      const lines = second ? 2 : 1;
      const y = lane.middle - (lines - 1) * size * 0.62 - (below ? size * 0.62 : 0);
      pen.fillText(first, 0, y, width);
      if (second) pen.fillText(second, 0, y + size * 1.24, width);
      if (!below) return;
      pen.font = font(ink, small);
      pen.fillStyle = ink.ink_2;
      pen.fillText(below, 0, y + lines * size * 1.24, width);
    };
    name(lanes.flags, t("lane.flags"), ink.ink, 500);
    name(lanes.nudges, t("lane.nudges"), ink.ink, 500);
    name(lanes.agent, sideTitle("agent"), ink.agent_ink, 600, facts.levels ? t("lane.level_unit") : "");
    name(lanes.customer, sideTitle("customer"), ink.customer_ink, 600, facts.levels ? t("lane.level_unit") : "");
    name(lanes.tempo, t("lane.tempo"), ink.ink, 500);
    name(lanes.rates, t("lane.rates"), ink.ink, 500, t("lane.rates_unit"));
  }
  function linesOf(pen, text, width) {
    if (pen.measureText(text).width <= width) return [text];
    const cuts = [...text.matchAll(/\s/g)].map((match) => match.index);
    const at = cuts.findLast((cut) => pen.measureText(text.slice(0, cut)).width <= width);
    return at === void 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
  }
  var NAMED_LOSS = 1;
  var LINE_BAR = 4;
  var SHADES = [0.34, 0.55, 0.78, 0.92];
  function voiceColumn(side, row, from, to, wide) {
    if (!wide) return columnOf(row, from, to);
    const s = (from + to) / 2;
    const level = levelBetween(row, s);
    return { all: level, spoken: level, share: insideSpans(facts.speech[side], s) ? 1 : 0 };
  }
  function drawVoice({ pen, ink, view, lanes, left, right, perSecond, hits }, side) {
    const lane = lanes[side];
    const up = side === "agent" || !twoSided;
    const base = up ? lane.bottom - 5 : lane.top + 5;
    const room = lane.height - 7;
    const row = rowFor(pyramids[side], 1 / perSecond);
    const wide = row.step * perSecond > 1.5;
    const quiet = new Path2D();
    const spoken = SHADES.map(() => new Path2D());
    for (let px = left; px < right; px += 1) {
      const from = view.from + (px - left) / perSecond;
      const to = from + 1 / perSecond;
      if (to <= 0 || from >= duration) continue;
      const column = voiceColumn(side, row, from, to, wide);
      if (!column) continue;
      const tall = levelHeight(column.all, heights) * room;
      if (tall >= 0.5 && column.share < 0.95) quiet.rect(px, up ? base - tall : base, 1, tall);
      if (column.share > 0.02) {
        const height = Math.max(2, levelHeight(column.spoken, heights) * room);
        spoken[Math.min(3, Math.floor(column.share * 4))].rect(px, up ? base - height : base, 1, height);
      }
    }
    pen.fillStyle = ink.ink_3;
    pen.globalAlpha = 0.22;
    pen.fill(quiet);
    pen.fillStyle = ink[side];
    spoken.forEach((path, k) => {
      pen.globalAlpha = SHADES[k];
      pen.fill(path);
    });
    pen.globalAlpha = 1;
    drawTurns({ pen, ink, view, up, base, perSecond, left, right }, side);
    hits.push({ kind: "voice", side, x0: left, x1: right, y0: lane.top, y1: lane.bottom });
  }
  function drawTurns({ pen, ink, view, up, base, perSecond, left, right }, side) {
    const y = up ? base + 1 : base - 3;
    pen.fillStyle = ink[side];
    const line = new Path2D();
    for (const turn of within(facts.turns, view.from, view.to)) {
      if (turn.side !== side) continue;
      const x0 = Math.max(left - 4, left + (turn.start - view.from) * perSecond);
      const x1 = Math.min(right + 4, left + (end(turn) - view.from) * perSecond);
      line.rect(x0, y, Math.max(1, x1 - x0 - (x1 - x0 > 6 ? 1.5 : 0)), 2);
    }
    pen.fill(line);
  }
  function drawLineSounds({ pen, ink, view, layout, lanes, left, right, x, hits }, side) {
    const lane = lanes[side];
    const above = side === "agent" || !twoSided;
    const y = above ? lane.top : lane.bottom - LINE_BAR;
    const held = within(facts.holds, view.from, view.to);
    for (const sound of within(facts.line_sounds, view.from, view.to)) {
      if (sound.side !== side) continue;
      const x0 = Math.max(left - 2, x(sound.start));
      const width = Math.max(2, Math.min(right + 2, x(end(sound))) - x0);
      lineSoundBar(pen, ink, x0, y, width, LINE_BAR);
      if (!held.some((hold) => hold.start < end(sound) && end(hold) > sound.start)) {
        const shift = LINE_BAR + layout.size.text * 0.66;
        label(pen, ink, lineSoundShort(sound), x0 + 3, above ? lane.top + shift : lane.bottom - shift, width - 6, layout, true);
      }
      hits.push({ kind: "line_sound", item: sound, x0: x0 - 2, x1: x0 + width + 2, y0: y - 2, y1: y + 2 * LINE_BAR + 2 });
    }
  }
  function drawLeftOut({ pen, ink, view, layout, lanes, left, right, x, hits }) {
    const { top } = lanes.agent || lanes.customer;
    const { bottom } = lanes.customer || lanes.agent;
    const half = lanes.between || { top: (top + bottom) / 2, bottom: (top + bottom) / 2 };
    const named = [];
    const place = (item, side) => {
      const x0 = Math.max(left - 2, x(item.start));
      const x1 = Math.max(x0 + 2, Math.min(right + 2, x(end(item))));
      return { x0, x1, y0: twoSided && side === "customer" ? half.top : top, y1: twoSided && side === "agent" ? half.bottom : bottom };
    };
    for (const hold of within(facts.holds, view.from, view.to)) {
      const box = place(hold, hold.kind === "not_recorded" ? hold.side : null);
      leftOutBox(pen, ink, box);
      named.push({ ...box, texts: [holdWord(hold), holdShort(hold)] });
      hits.push({ kind: "hold", item: hold, ...box });
    }
    for (const dropout of within(facts.dropouts, view.from, view.to)) {
      const box = place(dropout, dropout.side);
      lostBox(pen, ink, box);
      named.push({ ...box, texts: [dropoutWord()], small: end(dropout) - dropout.start < NAMED_LOSS });
      hits.push({ kind: "dropout", item: dropout, ...box, x0: box.x0 - 2, x1: box.x1 + 2 });
    }
    let taken = left;
    for (const { x0, x1, y0, y1, texts: names, small } of named.sort((a, b) => a.x0 - b.x0)) {
      const y = y0 === top ? y0 + layout.size.text * 0.8 : y1 - layout.size.text * 0.8;
      const written = (at, room) => names.reduce((width, text) => width || label(pen, ink, text, at, y, room, layout, true), 0);
      const before = taken;
      taken = Math.max(taken, x1);
      if (written(x0 + 5, x1 - x0 - 10) || small) continue;
      const from = taken + 5;
      const behind = from - x1 < 12 ? written(from, right - from) : 0;
      if (behind) taken = from + behind;
      else {
        pen.textAlign = "right";
        written(x0 - 5, x0 - before - 10);
        pen.textAlign = "left";
      }
    }
  }
  function label(pen, ink, text, x, y, room, layout, backed = false, colour = ink.ink_2) {
    pen.font = font(ink, layout.size.text - 0.5);
    const { width } = pen.measureText(text);
    if (width > room) return 0;
    if (backed) {
      pen.fillStyle = ink.paper;
      pen.globalAlpha = 0.86;
      pen.fillRect((pen.textAlign === "right" ? x - width : x) - 3, y - layout.size.text * 0.66, width + 6, layout.size.text * 1.32);
      pen.globalAlpha = 1;
    }
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
    return width;
  }
  function drawBetween(scene) {
    const { pen, ink, view, layout, lanes, left, right, over, x, hits } = scene;
    const lane = lanes.between;
    const half = { agent: [lane.top, lane.middle], customer: [lane.middle, lane.bottom] };
    pen.strokeStyle = ink.rule;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const y of [lane.top + 0.5, lane.bottom - 0.5]) {
      pen.moveTo(left, y);
      pen.lineTo(over, y);
    }
    pen.stroke();
    for (const silence of within(facts.silences, view.from, view.to)) {
      const owed = silence.owed_by;
      const [y0, y1] = half[owed] || [lane.middle - 6, lane.middle + 6];
      const x0 = Math.max(left - 8, x(silence.start));
      const width = Math.min(right + 8, x(end(silence))) - x0;
      if (width < 1) continue;
      const colour = owed ? ink[owed] : ink.ink_3;
      const slant = owed === "agent" ? 1 : owed === "customer" ? -1 : 0;
      hatch(pen, x0, y0 + 3, width, y1 - y0 - 6, colour, slant, slant ? 5 : 4.5);
      if (owed) {
        pen.fillStyle = colour;
        pen.fillRect(x0, owed === "agent" ? y0 : y1 - 2, width, 2);
      }
      const text = `${t("silence.short_" + (owed || "nobody"))} ${seconds(end(silence) - silence.start)}`;
      label(pen, ink, text, x0 + 7, (y0 + y1) / 2, width - 12, layout, true);
      hits.push({ kind: "silence", item: silence, x0: x0 - 1, x1: x0 + width + 1, y0, y1 });
    }
    const marks = within(facts.overlaps, view.from, view.to);
    const crowded = marks.length * 15 > right - left;
    marks.sort((a, b) => OVERLAP_ORDER.indexOf(a.kind) - OVERLAP_ORDER.indexOf(b.kind));
    for (const overlap of marks) {
      const byAgent = overlap.entrant !== "customer";
      const [y0, y1] = half[byAgent ? "agent" : "customer"];
      const x0 = x(overlap.start);
      const x1 = x(end(overlap));
      const middle = (x0 + x1) / 2;
      const y = (y0 + y1) / 2;
      const minor = overlap.kind === "backchannel" || overlap.kind === "early_reply";
      if (x1 - x0 > 4) {
        pen.fillStyle = ink[OVERLAP_COLOUR[overlap.kind]] || ink.ink_2;
        pen.globalAlpha = minor ? 0.1 : 0.2;
        pen.fillRect(x0, lane.top, x1 - x0, lane.height);
        pen.globalAlpha = 1;
      }
      if (minor && crowded) {
        pen.fillStyle = ink[OVERLAP_COLOUR[overlap.kind]];
        pen.globalAlpha = 0.75;
        pen.fillRect(middle - 0.6, byAgent ? y0 + 2 : y1 - 7, 1.2, 5);
        pen.globalAlpha = 1;
      } else {
        overlapSign(pen, ink, overlap.kind, middle, y, layout.size.sign, byAgent);
      }
      hits.push({ kind: "overlap", item: overlap, minor, x0: Math.min(x0, middle - 7), x1: Math.max(x1, middle + 7), y0, y1 });
    }
  }
  function drawTempo({ pen, ink, view, layout, lanes, left, right, x, hits }) {
    const lane = lanes.tempo;
    for (const stretch of within(facts.tempo, view.from, view.to)) {
      const state = tempoState(stretch);
      const x0 = Math.max(left, x(stretch.start));
      const x1 = Math.min(right, x(end(stretch)));
      if (x1 <= x0) continue;
      if (state !== "unknown") {
        pen.fillStyle = ink.customer;
        pen.globalAlpha = state === "hurried" ? 0.24 : state === "relaxed" ? 0.1 : 0.05;
        pen.fillRect(x0, lane.top, x1 - x0, lane.height);
        pen.globalAlpha = 1;
      }
      pen.fillStyle = ink.rule;
      pen.fillRect(x0, lane.top, 1, lane.height);
      const why = state === "hurried" || state === "relaxed" ? tempoSigns(stretch) : "";
      const names = [...why ? [`${t("tempo." + state)}: ${why}`] : [], t("tempo." + state)];
      const room = names.reduce((width, text) => width || label(pen, ink, text, x0 + 7, lane.middle, x1 - x0 - 14, layout, false, ink.ink), 0);
      const texture = x0 + (room ? room + 16 : 4);
      if (x1 - texture > 6) tempoTexture(pen, ink, state, texture, lane.top, x1 - texture - 4, lane.height);
      hits.push({ kind: "tempo", item: stretch, x0, x1, y0: lane.top, y1: lane.bottom });
    }
  }
  function drawFlags({ pen, ink, view, layout, lanes, left, right, x, hits }) {
    const { flagRow, text: size } = layout.size;
    pen.font = font(ink, size);
    const marks = within(flags, view.from, view.to).map((flag) => {
      const x0 = Math.max(left + 2, x(flag.start));
      const text = flagTitle(flag);
      return {
        flag,
        x0,
        x1: Math.max(x0 + 2, Math.min(right, x(end(flag)))),
        sign: flag.severity === "severe" ? 22 : 13,
        text,
        textWidth: pen.measureText(text).width
      };
    });
    for (const { flag, row, x0, x1, sign, text, textWidth, room } of placeFlags(marks, { right, n: layout.flagRows })) {
      const note = flag.severity === "note";
      const y = lanes.flags.top + row * flagRow + flagRow / 2;
      pen.fillStyle = note ? ink.ink_3 : ink.alarm;
      pen.globalAlpha = note ? 0.5 : 0.9;
      pen.fillRect(x0, y + flagRow / 2 - 3, x1 - x0, note ? 1.5 : flag.severity === "severe" ? 3 : 2);
      pen.globalAlpha = 1;
      for (const step of (flag.steps || []).slice(1)) {
        if (known(step.at) && step.at >= view.from && step.at <= view.to) pen.fillRect(x(step.at) - 1, y + flagRow / 2 - 5, 2, 7);
      }
      severitySign(pen, ink, flag.severity, x0 + 6, y - 1, layout.size.sign - 0.5);
      const named = textWidth + 4 <= room;
      if (named) {
        pen.fillStyle = note ? ink.ink_2 : ink.ink;
        pen.fillText(text, x0 + sign + 3, y - 1);
      }
      const used = named ? x0 + sign + textWidth + 4 : x0 + sign;
      hits.push({ kind: "flag", item: flag, x0: x0 - 3, x1: Math.max(x1, used) + 2, y0: y - flagRow / 2, y1: y + flagRow / 2 });
    }
  }
  function drawNudges({ pen, ink, view, layout, lanes, left, right, x, hits }) {
    const lane = lanes.nudges;
    for (const [k, nudge] of facts.nudges.entries()) {
      if (!known(nudge.shown_at)) continue;
      const gone = known(nudge.gone_at) ? nudge.gone_at : nudge.shown_at;
      if (nudge.shown_at > view.to || gone < view.from) continue;
      const x0 = Math.max(left + 2, x(nudge.shown_at));
      const x1 = Math.min(right, x(gone));
      pen.fillStyle = ink.ink_2;
      pen.globalAlpha = 0.5;
      pen.fillRect(x0, lane.middle + layout.size.sign + 1, Math.max(2, x1 - x0), 1.5);
      pen.globalAlpha = 1;
      nudgeSign(pen, ink, x0 + 6, lane.middle, layout.size.sign);
      const next = facts.nudges[k + 1];
      const room = (next && known(next.shown_at) ? Math.min(right, x(next.shown_at)) : right) - 4;
      label(pen, ink, nudgeText(nudge), x0 + 18, lane.middle, room - x0 - 18, layout);
      hits.push({ kind: "nudge", item: nudge, x0: x0 - 2, x1: x0 + Math.max(13, x1 - x0), y0: lane.top, y1: lane.bottom });
    }
  }
  function drawRates(scene) {
    const { pen, ink, layout, lanes, left, right, over, hits } = scene;
    const lane = lanes.rates;
    const { y, step } = rateScale(lane, rateRange);
    pen.lineWidth = 1;
    for (let rate = rateRange.low; rate <= rateRange.high; rate += step) {
      pen.strokeStyle = rate === rateRange.low ? ink.rule : ink.rule_2;
      pen.beginPath();
      pen.moveTo(left, Math.round(y(rate)) + 0.5);
      pen.lineTo(over, Math.round(y(rate)) + 0.5);
      pen.stroke();
    }
    pen.save();
    pen.beginPath();
    pen.rect(left, lane.top, right - left, lane.height);
    pen.clip();
    if (twoSided && inStep) {
      pen.fillStyle = ink.zone;
      pen.globalAlpha = 0.11;
      pen.fill(bandPath("customer", scene, (rate) => [y(rate * inStep.low), y(rate * inStep.high)]));
      pen.globalAlpha = 1;
    }
    for (const side of [...SIDES].reverse()) {
      pen.fillStyle = ink[side];
      pen.globalAlpha = 0.2;
      pen.fill(bandPath(side, scene, (rate, error) => [y(rate - (error || 0)), y(rate + (error || 0))]));
      pen.globalAlpha = 1;
      pen.strokeStyle = ink[side];
      pen.lineWidth = layout.printed ? 1.1 : 1.8;
      pen.lineJoin = "round";
      if (side === "customer") pen.setLineDash([6, 3]);
      pen.stroke(curvePath(side, scene, y));
      pen.setLineDash([]);
    }
    pen.restore();
    hits.push({ kind: "rates", x0: left, x1: right, y0: lane.top, y1: lane.bottom });
  }
  function drawRateAxis({ pen, ink, layout, lanes, left, right }) {
    const { y, step } = rateScale(lanes.rates, rateRange);
    pen.font = font(ink, layout.size.small);
    pen.fillStyle = ink.ink_2;
    for (let rate = rateRange.low; rate <= rateRange.high; rate += step) {
      pen.textAlign = "right";
      pen.fillText(String(rate), left - 6, y(rate));
      pen.textAlign = "left";
      if (layout.inCharacters) pen.fillText(String(rate * 60), right + 6, y(rate));
    }
    if (layout.inCharacters) pen.fillText(t("unit.characters_per_min", { n: "" }).trim(), right + 6, lanes.rates.top - 11);
  }
  function curvePath(side, scene, y) {
    const path = new Path2D();
    for (const run of rateRuns(facts.rates[side], { ...scene, breaks: facts.holds })) {
      run.forEach(([at, rate], k) => k ? path.lineTo(scene.x(at), y(rate)) : path.moveTo(scene.x(at), y(rate)));
      if (run.length === 1) path.lineTo(scene.x(run[0][0]) + 2, y(run[0][1]));
    }
    return path;
  }
  function bandPath(side, scene, edges) {
    const path = new Path2D();
    for (const run of rateRuns(facts.rates[side], { ...scene, breaks: facts.holds })) {
      const points = run.map(([at, rate, error]) => [scene.x(at), ...edges(rate, error)]);
      points.forEach(([px, low], k) => k ? path.lineTo(px, low) : path.moveTo(px, low));
      for (const [px, , high] of points.reverse()) path.lineTo(px, high);
      path.closePath();
    }
    return path;
  }

  // cxaudio/web/call/paper_rows.js
  var ROW_LENGTHS = [20, 30, 60, 120, 300, 600];
  var MOST_ROWS = 12;
  var MOST_SHORT_ROWS = 4;
  function paperRows(duration2) {
    const length = ROW_LENGTHS.find((each) => duration2 / each <= (each < 60 ? MOST_SHORT_ROWS : MOST_ROWS) + 0.01) || ROW_LENGTHS.at(-1);
    const rows = [];
    for (let from = 0; from === 0 || from < duration2 - 0.01 * length; from += length) rows.push({ from, to: from + length });
    return rows;
  }

  // cxaudio/web/call/printing.js
  var WIDTH = 700;
  var SCALE = 3;
  var MOST_FLAG_ROWS = 3;
  function printRows(place) {
    const ink = inkOf(place);
    return paperRows(duration).map((view) => {
      const flagRows2 = Math.min(MOST_FLAG_ROWS, Math.max(1, within(flags, view.from, view.to).length));
      const layout = callLayout(WIDTH, { printed: true, flagRows: flagRows2 });
      const canvas = make("canvas");
      drawLanes(penOn(canvas, WIDTH, layout.height, { detached: true, scale: SCALE }), ink, view, layout);
      return make("figure", {}, canvas);
    });
  }

  // cxaudio/web/call/sorting.js
  var missing = (value) => value === null || value === DASH;
  function compareCells(a, b, language) {
    const [x, y] = [a.sort ?? a.text, b.sort ?? b.text];
    if (missing(x) || missing(y)) return missing(x) - missing(y);
    return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), language);
  }
  var nextSorting = (before, column) => ({ column, down: Boolean(before && before.column === column && !before.down) });

  // cxaudio/web/call/tables.js
  var TWO_SIDED = ["flags", "overlaps", "speech", "turns", "responses", "silences", "nudges", "notices"];
  var ONE_SIDED = ["notices"];
  var Tables = class {
    constructor({ onSeek, onFlag }) {
      this.onSeek = onSeek;
      this.onFlag = onFlag;
      this.open = "flags";
      this.sorting = /* @__PURE__ */ new Map();
      this.filtered = /* @__PURE__ */ new Set();
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
        const tab = make(
          "button",
          { type: "button", role: "tab", id: "tab-" + table.name, "aria-controls": "panel-" + table.name },
          t("table." + table.name),
          make("span", { class: "count" }, String(table.items().length))
        );
        tab.addEventListener("click", () => this.show(table.name));
        return tab;
      }));
      this.panels.replaceChildren(...shown.map((table) => make("div", {
        class: "panel",
        role: "tabpanel",
        id: "panel-" + table.name,
        "aria-labelledby": "tab-" + table.name,
        tabindex: "0",
        "data-print": table.print === "no" ? "no" : "yes"
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
      const filtering = table.filter && (this.filtered.has(table.name) || printed && table.print === "filtered");
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
        const order = sorting && sorting.column === k ? sorting.down ? "descending" : "ascending" : "none";
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
        const text = k === 0 && known(from) ? make("button", { type: "button", class: "seek", "aria-label": t("page.seek_hint", { time: cell.text }) }, cell.text) : cell.text;
        const content = cell.parts ? cell.parts.map((part) => make("span", {}, part)) : [sign, text];
        row.append(make("td", { class: [cell.number ? "number" : "", cell.class || ""].join(" ").trim() || null, title: cell.title }, ...content));
      });
      row.addEventListener("click", () => {
        if (!String(window.getSelection())) go();
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
  };

  // cxaudio/web/call/hits.js
  function rank(hit) {
    if (!hit.item) return 0;
    return hit.minor || hit.kind === "hold" ? 1 : 2;
  }
  function hitAt(hits, x, y) {
    const under = hits.filter((hit) => x >= hit.x0 && x <= hit.x1 && y >= hit.y0 && y < hit.y1);
    return under.reduce((best, hit) => !best || rank(hit) >= rank(best) ? hit : best, null);
  }

  // cxaudio/web/call/minimap.js
  var MINIMAP_HEIGHT = 34;
  function paintMinimap(pen, ink, layout) {
    const height = MINIMAP_HEIGHT;
    const { left, right } = layout;
    const perSecond = (right - left) / duration;
    const middle = height / 2 + 2;
    const room = height / 2 - 6;
    pen.fillStyle = ink.wash;
    pen.fillRect(left, 0, right - left, height);
    for (const side of SIDES.filter(present)) {
      const row = rowFor(pyramids[side], 1 / perSecond);
      pen.fillStyle = ink[side];
      const path = new Path2D();
      for (let px = left; px < right; px += 1) {
        const first = Math.floor((px - left) / perSecond / row.step);
        const last = Math.min(row.share.length - 1, Math.max(first, Math.ceil((px + 1 - left) / perSecond / row.step) - 1));
        let share = 0;
        for (let i = first; i <= last; i += 1) share += row.share[i];
        const tall = share / Math.max(1, last - first + 1) * room;
        if (tall > 0.3) path.rect(px, side === "agent" ? middle - tall : middle, 1, tall);
      }
      pen.globalAlpha = 0.75;
      pen.fill(path);
      pen.globalAlpha = 1;
    }
    for (const flag of flags) {
      if (flag.severity === "note") continue;
      const x0 = left + flag.start * perSecond;
      pen.fillStyle = ink.alarm;
      pen.fillRect(x0, 0, Math.max(3, (end(flag) - flag.start) * perSecond), flag.severity === "severe" ? 5 : 3);
    }
  }

  // cxaudio/web/call/tooltip.js
  function fillTooltip(box, hit, s) {
    const { title, note, rows } = described(hit, s);
    box.replaceChildren(
      make("b", {}, title),
      ...note ? [make("p", {}, note)] : [],
      make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]))
    );
  }

  // cxaudio/web/call/timeline.js
  var Timeline = class {
    constructor({ onSeek, onFlag, onDrawn = () => {
    } }) {
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
      return this.playhead > from && this.playhead < to ? this.playhead : void 0;
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
      const x = (s) => layout.left + s / duration * (layout.right - layout.left);
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
      const fingers = /* @__PURE__ */ new Map();
      let press = null;
      let lastScroll = -Infinity;
      const place = (event) => {
        const frame = box.getBoundingClientRect();
        return { x: event.clientX - frame.left, y: event.clientY - frame.top };
      };
      window.addEventListener("scroll", () => {
        lastScroll = performance.now();
      }, { passive: true });
      box.addEventListener("wheel", (event) => {
        const scrolling = performance.now() - lastScroll < 200 && !event.ctrlKey;
        const whole = this.view.to - this.view.from >= duration - 1e-6;
        const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
        if (scrolling || whole && (sideways || event.deltaY > 0) && !event.ctrlKey) return;
        event.preventDefault();
        const pixels = event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? 400 : 1;
        if (sideways) this.pan((event.deltaX || event.deltaY) * pixels / (this.scene.layout.right - this.scene.layout.left));
        else this.zoom(Math.exp(-event.deltaY * pixels * (event.ctrlKey ? 3 : 1) / 500), this.scene.time(place(event).x));
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
        const shift = (press.x - at.x) / (this.scene.layout.right - this.scene.layout.left) * (to - from);
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
        this.look(centred(this.view, (event.clientX - frame.left - left) / (right - left) * duration, duration));
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
  };

  // cxaudio/web/call/report.js
  var LEAD_IN = 2;
  var STEP = 1.6;
  var $ = (id) => document.getElementById(id);
  var Report = class {
    /**
     * Show the report in the elements of the page.
     *
     * `onFlag` is called with a flag that the reader chose; by default it is shown and played. `onDrawn(view, layout)` and
     * `onTime(s)` follow the timeline and the playhead.
     */
    constructor({ onFlag = (flag) => this.playFlag(flag), onDrawn, onTime = () => {
    } } = {}) {
      this.selected = null;
      this.trouble = null;
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
        }
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
  };

  // cxaudio/web/call/page.js
  var $2 = (id) => document.getElementById(id);
  var report = new Report();
  var { timeline, player } = report;
  function showKeys() {
    const rows = [
      [t("page.key_space"), "key_play"],
      ["← →", "key_move"],
      ["⇧ ← →", "key_seek"],
      ["+ −", "key_zoom"],
      ["Home End", "key_ends"],
      ["0", "key_fit"],
      ["N P", "key_flags"],
      ["Esc", "key_escape"]
    ];
    $2("key-list").replaceChildren(...rows.map(([key, text]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, t("page." + text)))));
  }
  function showTexts() {
    const root = document.documentElement;
    root.lang = t("language.html");
    root.dataset.language = texts.language();
    document.title = `${facts.call.id || ""} · ${t("page.title")} · cxaudio`;
    for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
    for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
    for (const button of document.querySelectorAll("[data-set-language]")) button.setAttribute("aria-pressed", button.dataset.setLanguage === texts.language());
    const head = facts.head[texts.language()];
    $2("sentence").textContent = head.sentence;
    for (const figure of head.figures) {
      const box = document.querySelector(`[data-figure="${figure.key}"]`);
      box.querySelector("dt").textContent = figure.label;
      box.querySelector(".value").textContent = figure.value;
      box.querySelector(".detail").textContent = figure.detail;
    }
    $2("made-by").textContent = t("page.made_by", { version: facts.versions.cxaudio || "" });
    showKeys();
    report.show();
  }
  $2("print").addEventListener("click", () => window.print());
  for (const button of document.querySelectorAll("[data-set-language]")) {
    button.addEventListener("click", () => {
      texts.setLanguage(button.dataset.setLanguage);
      showTexts();
    });
  }
  for (const button of document.querySelectorAll("[data-set-theme]")) {
    button.addEventListener("click", () => {
      if (button.dataset.setTheme === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = button.dataset.setTheme;
      for (const other of document.querySelectorAll("[data-set-theme]")) other.setAttribute("aria-pressed", other === button);
      report.repaint();
    });
  }
  var KEYS = {
    " ": () => player.toggle(),
    n: () => report.stepFlag(1),
    p: () => report.stepFlag(-1),
    "+": () => report.zoom(1),
    "=": () => report.zoom(1),
    "-": () => report.zoom(-1),
    0: () => timeline.fit(),
    Escape: () => report.select(null)
  };
  var TIMELINE_KEYS = {
    ArrowLeft: (event) => event.shiftKey ? player.seek(player.time - 1) : timeline.pan(-0.15),
    ArrowRight: (event) => event.shiftKey ? player.seek(player.time + 1) : timeline.pan(0.15),
    Home: () => timeline.pan(-Infinity),
    End: () => timeline.pan(Infinity),
    Enter: () => report.seekAndPlay(player.time)
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inTimeline = document.activeElement === timeline.box;
    const busy = document.activeElement && document.activeElement.matches("input, select, textarea, [role=tab]");
    if (event.key === " " && !inTimeline && document.activeElement && document.activeElement.matches("button, summary")) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = inTimeline && TIMELINE_KEYS[name] || !busy && KEYS[name];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
  document.querySelector(".switches").hidden = false;
  showTexts();
})();
