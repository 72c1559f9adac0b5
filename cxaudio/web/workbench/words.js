// The texts that the server put into the page for its scripts.

const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/** Return a text by its key, with the values in place of the names in braces. */
export function word(key, values = {}) {
  const text = words[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Return the text for a count: key_zero if there is one, else key_one or key_other. */
export function counted(key, n, values = {}) {
  const ending = n === 0 && `${key}_zero` in words ? "_zero" : n === 1 ? "_one" : "_other";
  return word(key + ending, { n, ...values });
}
