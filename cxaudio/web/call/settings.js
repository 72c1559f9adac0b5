// The settings that the report echoes.

const isSection = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

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
