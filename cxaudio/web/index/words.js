// Texts and units in the language that is switched on.

import { filled } from "../shared/filled.js";
import { DASH, clock, known, num } from "../shared/numbers.js";

/** Make the functions that turn keys and values into text; `catalogues` holds the texts of each language by key. */
export function createWords({ catalogues, language: first }) {
  let language = first;
  const has = (key) => Object.hasOwn(catalogues[language], key);

  /** Return the text of a key with values filled in; a key that no catalogue has is shown as plain words. */
  const t = (key, values = {}) => filled(has(key) ? catalogues[language][key] : key.slice(key.indexOf(".") + 1).replaceAll("_", " "), values);

  /** Return a whole number with its thousands apart. */
  const whole = (n) => (known(n) ? String(n).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f") : DASH);

  return {
    t,
    whole,
    language: () => language,
    setLanguage(name) {
      language = name;
    },
    counted: (key, n, values = {}) => t(`${key}_${n === 1 ? "one" : "other"}`, { n: whole(n), ...values }),
    count: (x) => (known(x) ? whole(x) : DASH),
    percent: (share) => (known(share) ? t("unit.percent", { n: num(100 * share, 0) }) : DASH),
    duration: (s) => clock(s),
    /** Return an instant as date and minute, UTC. */
    instant: (second) => (known(second) ? new Date(1000 * second).toISOString().slice(0, 16).replace("T", " ") : DASH),
    rule: (name) => t(`rule.${name}`),
    limit: (name) => t(`measure.${name}`),
    notice: (name) => t(`notice.${name}`),
  };
}
