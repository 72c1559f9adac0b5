/** Return a text with its {names} replaced by values; a name without a value stays as it is. */
export function filled(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (braces, name) => (Object.hasOwn(values, name) ? String(values[name] ?? braces) : braces));
}
