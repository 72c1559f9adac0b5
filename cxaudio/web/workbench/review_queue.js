// Verdicts on their way to the server: kept in the browser until the server has acknowledged them.

const SHORTEST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000; // chosen: a server that is back is found before the reviewer asks for it

/** Return how long to wait before attempt number `n` to reach a server that did not answer, counted from 1. */
export const waitBefore = (n) => Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** (n - 1));

/**
 * Send entries in the order in which they were added, each until the server has it.
 *
 * Every entry is one item of `storage` under `prefix`, so two tabs of one reviewer never overwrite one another; one that
 * both tabs send is stored once by the server, by its id. `send(entry)` resolves to one of { saved: answer },
 * { refused: sentence } and { trouble: "unreachable" or "session" (it has ended), said: the server's sentence if it gave one }.
 * `later(run, ms)` calls later. `onChange` follows each change; `onSaved(entry, answer)` each entry that the server has.
 */
export class ReviewQueue {
  constructor({ storage, prefix, send, later, onChange = () => {}, onSaved = () => {} }) {
    Object.assign(this, { storage, prefix, send, later, onChange, onSaved });
    this.trouble = null; // null, "unreachable" or "session"
    this.said = null; // the server's sentence about it
    this.attempts = 0;
    this.sending = false;
    this.waiting = false;
  }

  /** Return the entries that are not saved yet, in the order in which they were added. */
  get entries() {
    return this.all().filter((entry) => !entry.refused);
  }

  /** Return the entries that the server refused, each with its sentence. */
  get refused() {
    return this.all().filter((entry) => entry.refused);
  }

  /** Keep an entry with an `id` of its own, and send it. */
  add(entry) {
    const last = this.all().at(-1);
    this.store({ ...entry, order: last ? last.order + 1 : 1 });
    this.onChange();
    return this.flush();
  }

  /** Remove an entry that the server refused, once the reviewer has read why. */
  dismiss(id) {
    this.storage.removeItem(this.prefix + id);
    this.onChange();
  }

  /** Send what is there, at once. */
  async flush() {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let [entry] = this.entries; entry; [entry] = this.entries) {
        const outcome = await this.send(entry);
        if ("saved" in outcome) {
          this.storage.removeItem(this.prefix + entry.id);
          this.onSaved(entry, outcome.saved); // first, so that no change is shown without what the server has
          this.settle(null);
        } else if ("refused" in outcome) {
          this.store({ ...entry, refused: outcome.refused });
          this.settle(null);
        } else {
          this.settle(outcome.trouble, outcome.said);
          this.tryLater();
          return;
        }
      }
    } finally {
      this.sending = false;
      this.onChange();
    }
  }

  settle(trouble, said = null) {
    this.trouble = trouble;
    this.said = said;
    this.attempts = trouble ? this.attempts + 1 : 0;
    this.onChange();
  }

  tryLater() {
    if (this.waiting) return;
    this.waiting = true;
    this.later(() => {
      this.waiting = false;
      this.flush();
    }, waitBefore(this.attempts));
  }

  store(entry) {
    this.storage.setItem(this.prefix + entry.id, JSON.stringify(entry));
  }

  all() {
    const found = [];
    for (const name of this.storage.names(this.prefix)) {
      const entry = entryOf(this.storage.getItem(name));
      if (entry) found.push(entry);
    }
    return found.sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  }
}

/** Return the entry that a text of the storage is; null: another tab has sent it just now, or it is none. */
function entryOf(text) {
  try {
    const entry = JSON.parse(text);
    return typeof entry?.id === "string" ? entry : null;
  } catch {
    return null;
  }
}
