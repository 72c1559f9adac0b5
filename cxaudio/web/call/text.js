// Words and numbers as people read them, in the language that is switched on.

const facts = JSON.parse(document.getElementById("facts").textContent);
let language = facts.language;

const has = (key) => Object.hasOwn(facts.texts[language], key);

/** Text of a key with {names} filled in; a key that no catalogue knows is shown as plain words. */
function t(key, values = {}) {
  const text = has(key) ? facts.texts[language][key] : key.slice(key.indexOf(".") + 1).replaceAll("_", " ");
  return text.replace(/\{(\w+)\}/g, (braces, name) => (Object.hasOwn(values, name) ? String(values[name]) : braces));
}

const known = (x) => typeof x === "number" && Number.isFinite(x);
const DASH = "–";

/** A number with a true minus sign, or a dash where it is unknown. */
const num = (x, digits = 1) => (known(x) ? x.toFixed(digits).replace(/^-(?=.*[1-9])/, "\u2212").replace(/^-/, "") : DASH);

const unit = (name, x, digits = 1) => (known(x) ? t("unit." + name, { n: num(x, digits) }) : DASH);
const seconds = (x, digits = 1) => unit("seconds", x, digits);
const longSeconds = (x) => (known(x) && x >= 120 ? clock(x) : seconds(x));
const percent = (x, digits = 0) => (known(x) ? unit("percent", 100 * x, digits) : DASH);

/** Time of the call: 5:13, 1:02:09; with tenths 5:13.4. */
function clock(s, tenths = false) {
  if (!known(s)) return DASH;
  const all = Math.floor(s * 10 + 1e-6);
  const whole = Math.floor(all / 10);
  const two = (x) => String(x).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const text = hours
    ? `${hours}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
    : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  return tenths ? `${text}.${all % 10}` : text;
}

// In a mono mix the one side there is holds whoever spoke.
const isMix = facts.call.source?.role_source === "mono";
const isSide = (side) => side === "agent" || side === "customer";
const sideWord = (side) => (isSide(side) ? t(isMix ? "side.mix" : "side." + side) : t("side.both"));
const SideWord = (side) => (isSide(side) ? t(isMix ? "side.Mix" : side === "agent" ? "side.Agent" : "side.Customer") : t("side.both"));

/** Rate in syllables/s, for Chinese readers and Chinese calls also in characters a minute. */
function rateText(x) {
  if (!known(x)) return t("page.unknown");
  const inCharacters = language !== "en" || String(facts.call.language || "").startsWith("zh");
  return unit("syllables_per_s", x) + (inCharacters ? t("unit.characters_beside", { n: Math.round(60 * x) }) : "");
}

/** A measured value or a limit in the unit that it came with. */
function measure(x, name) {
  if (!known(x)) return DASH;
  switch (name) {
    case "s": return seconds(x);
    case "ratio": return unit("ratio", x, 2);
    case "share": return percent(x, x < 0.1 ? 1 : 0);
    case "count": return unit("count", x, 0);
    case "per_min": case "1/min": return unit("per_min", x);
    case "dB": return unit("db", x);
    case "dBov": return unit("dbov", x);
    case "Hz": return unit("hz", x, 0);
    case "syllables/s": case "syllables_per_s": return unit("syllables_per_s", x);
    default: return `${num(x, Number.isInteger(x) ? 0 : 2)} ${name || ""}`.trim();
  }
}

/** One line of a flag's evidence; the unit is told by the end of its key. */
function evidenceText(key, value) {
  if (value === null || value === undefined) return t("page.unknown");
  if (typeof value === "string") {
    for (const section of ["tempo.", "side.", "overlap.", "hold."]) if (has(section + value)) return t(section + value);
    return value;
  }
  if (typeof value === "boolean") return t(value ? "page.yes" : "page.no");
  if (!known(value)) return DASH;
  if (/share$/.test(key)) return percent(value);
  if (/ratio$/.test(key)) return measure(value, "ratio");
  if (/(rate|baseline|norm|_error|_per_s)$/.test(key)) return unit("syllables_per_s", value);
  if (/_s$/.test(key)) return seconds(value);
  if (/_dbov$/.test(key)) return unit("dbov", value);
  if (/_db$/.test(key)) return unit("db", value);
  return num(value, Number.isInteger(value) ? 0 : 2);
}

function evidenceRows(evidence) {
  return Object.entries(evidence || {}).map(([key, value]) => [t("evidence." + key), evidenceText(key, value)]);
}

/** An element with text and children; text only ever becomes text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const list = (rows) => make("dl", {}, ...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
