// The calls of the page as columns. A call is its number in the order "worst first", in which the page holds them.

export const N_PARTS = 60; // letters of a call's timeline
const NUMBERS = ["started", "duration", "n_severe", "n_flag", "n_whole_call", "in_step"];
export const LABELS = ["agent", "team", "queue", "direction"];

/** Return numbers as an array in which what is unknown is NaN. */
const numbers = (values) => Float64Array.from(values, (value) => (value === null ? NaN : value));

/** Return the values of a column that has few different ones, and their counts, in order of the language. */
function countedValues({ values, at }, language) {
  const counts = new Uint32Array(values.length);
  for (const k of at) counts[k] += 1;
  return values.map((value, k) => ({ value, n: counts[k] })).filter(({ value }) => value !== null && value !== "")
    .sort((a, b) => a.value.localeCompare(b.value, language, { numeric: true }));
}

/** Return the words of a column of texts with blanks between, and how many calls have each, the most frequent first. */
function countedWords({ values, at }) {
  const counts = new Map();
  const words = values.map((value) => (value ? value.split(" ") : []));
  for (const k of at) for (const word of words[k]) counts.set(word, (counts.get(word) || 0) + 1);
  return [...counts].map(([value, n]) => ({ value, n })).sort((a, b) => b.n - a.n || (a.value < b.value ? -1 : 1));
}

export class Calls {
  constructor(columns) {
    this.columns = columns;
    this.n = columns.name.length;
    for (const name of NUMBERS) this[name] = numbers(columns[name]);
    this.outOfStep = this.in_step.map((share) => 1 - share);
  }

  /** Return one value; null where it is unknown. */
  value(name, call) {
    const column = this.columns[name];
    return Array.isArray(column) ? column[call] : column.values[column.at[call]];
  }

  words(name, call) {
    const text = this.value(name, call);
    return text ? text.split(" ") : [];
  }

  /** Return the letters of a call's parts; an empty text where it has none. */
  letters(name, call) {
    return this.columns[name].slice(N_PARTS * call, N_PARTS * (call + 1)).trim();
  }

  has(label) {
    return this.columns[label].values.some((value) => value !== null && value !== "");
  }

  hasStarted() {
    return this.started.some((second) => !Number.isNaN(second));
  }

  valuesOf(label, language) {
    return countedValues(this.columns[label], language);
  }

  wordsOf(name) {
    return countedWords(this.columns[name]);
  }
}

/** Return the share of a call's parts that each letter has. */
export function letterShares(letters) {
  const shares = { a: 0, c: 0, b: 0, h: 0, "-": 0 };
  for (const letter of letters) shares[letter] += 1 / letters.length;
  return shares;
}
