// Words and units in the language that is switched on.

import { filled } from "../shared/filled.js";
import { DASH, clock, known, num } from "../shared/numbers.js";

/**
 * Make the functions that turn keys and values into text.
 *
 * `catalogues` holds the texts of each language by key; `mix` says that the recording is a mono mix, whose one side holds
 * both speakers; `callLanguage` is the language spoken in the call.
 */
export function createTexts({ catalogues, language: first, mix = false, callLanguage = "" }) {
  let language = first;

  const has = (key) => Object.hasOwn(catalogues[language], key);

  /** Return the text of a key with values filled in; a key that no catalogue has is shown as plain words. */
  function t(key, values = {}) {
    return filled(has(key) ? catalogues[language][key] : key.slice(key.indexOf(".") + 1).replaceAll("_", " "), values);
  }

  /** Return the text of a key, or another text where the catalogue does not have the key. */
  const textOr = (key, otherwise) => (has(key) ? t(key) : otherwise);

  const unit = (name, x, digits = 1) => (known(x) ? t("unit." + name, { n: num(x, digits) }) : DASH);
  const seconds = (x, digits = 1) => unit("seconds", x, digits);
  const longSeconds = (x) => (known(x) && x >= 120 ? clock(x) : seconds(x));
  const percent = (x, digits = 0) => (known(x) ? unit("percent", 100 * x, digits) : DASH);

  const isSide = (side) => side === "agent" || side === "customer";
  /** Return the name of a side inside a sentence. */
  const sideWord = (side) => (isSide(side) ? t(mix ? "side.mix" : "side." + side) : t("side.both"));
  /** Return the name of a side where it stands alone. */
  const sideTitle = (side) => (isSide(side) ? t(mix ? "side.Mix" : side === "agent" ? "side.Agent" : "side.Customer") : t("side.both"));

  /** Return whether rates are also given in characters a minute: for Chinese readers and for Chinese calls. */
  const inCharacters = () => language !== "en" || callLanguage.startsWith("zh");

  /** Return a rate in syllables/s, and in characters a minute where these are read. */
  function rateText(x) {
    if (!known(x)) return t("page.unknown");
    return unit("syllables_per_s", x) + (inCharacters() ? t("unit.characters_beside", { n: Math.round(60 * x) }) : "");
  }

  /** Return a measured value or a limit in the unit that came with it. */
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

  /** Return one value of a flag's evidence; the end of its key names the unit. */
  function evidenceText(key, value) {
    if (value === null || value === undefined) return t("page.unknown");
    if (typeof value === "string") {
      for (const section of ["tempo.", "side.", "overlap.", "hold."]) if (has(section + value)) return t(section + value);
      return value;
    }
    if (typeof value === "boolean") return t(value ? "page.yes" : "page.no");
    if (!known(value)) return DASH;
    if (/share$/.test(key)) return percent(value);
    if (/probability$/.test(key)) return value > 0.99 ? `> ${percent(0.99)}` : percent(value);
    if (/ratio(_low|_high)?$/.test(key)) return measure(value, "ratio");
    if (/(rate|baseline|norm|_error|_per_s)$/.test(key)) return unit("syllables_per_s", value);
    if (/_s$/.test(key)) return seconds(value);
    if (/_dbov$/.test(key)) return unit("dbov", value);
    if (/_db$/.test(key)) return unit("db", value);
    return num(value, Number.isInteger(value) ? 0 : 2);
  }

  /** Return the evidence of a flag, nudge or tempo as pairs of name and value. */
  const evidenceRows = (evidence) => Object.entries(evidence || {}).map(([key, value]) => [t("evidence." + key), evidenceText(key, value)]);

  return {
    language: () => language,
    setLanguage(name) {
      language = name;
    },
    has, t, textOr, unit, seconds, longSeconds, percent, sideWord, sideTitle, inCharacters, rateText, measure, evidenceText, evidenceRows,
  };
}
