// What the page was made with: texts, languages, limits. Facts of a call come later, as views.

import { filled } from "../shared/filled.js";

export const facts = JSON.parse(document.getElementById("facts").textContent);

let shown = facts.language;

export const language = () => shown;
export function setLanguage(name) {
  shown = name;
}

/** Return the text of a key with values filled in. */
export const t = (key, values = {}) => filled(facts.texts[shown][key] ?? key, values);

/** Return the text of a nudge: the wording of the settings, or else that of the page's language. */
export const nudgeText = (key) => facts.words[key] ?? t(key);
