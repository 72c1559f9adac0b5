// The settings that the report echoes.

import { known } from "./numbers.js";

const isSection = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Return a number out of the settings by section and name, at the top or one level down; null where there is none. */
export function settingIn(values, section, name) {
  for (const place of [values, ...Object.values(values)]) {
    const found = place && typeof place === "object" && place[section] && place[section][name];
    if (known(found)) return found;
  }
  return null;
}

/** Return nested settings as sections { name, rows }, named by the path of their keys; those at the top are named `title`. */
export function settingSections(values, title) {
  const sections = [];
  const walk = (name, section) => {
    const own = Object.entries(section).filter(([, value]) => !isSection(value));
    if (own.length) sections.push({ name: name ?? title, rows: own.map(([key, value]) => [key, Array.isArray(value) ? value.join(", ") : String(value)]) });
    for (const [key, value] of Object.entries(section)) if (isSection(value)) walk(name === null ? key : `${name}.${key}`, value);
  };
  walk(null, values);
  return sections;
}
