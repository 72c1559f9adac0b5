// What this browser keeps for the page; what it does not take lives as long as the page.

/** A storage of the browser, and a place in memory for what it refuses, because it is full or switched off. */
export class BrowserStorage {
  /** Keep things in `kept`, a Storage of the browser; null: in memory alone. */
  constructor(kept = null) {
    this.kept = kept;
    this.inMemory = new Map();
  }

  /** Return whether something is kept only as long as the page. */
  get fleeting() {
    return this.inMemory.size > 0;
  }

  /** Return the names of all items that begin with `prefix`. */
  names(prefix) {
    const found = new Set(this.inMemory.keys());
    for (let i = 0; i < (this.kept?.length ?? 0); i += 1) found.add(this.kept.key(i));
    return [...found].filter((name) => name?.startsWith(prefix));
  }

  getItem(name) {
    return this.inMemory.get(name) ?? this.kept?.getItem(name) ?? null;
  }

  setItem(name, value) {
    try {
      if (!this.kept) throw new Error("there is no storage");
      this.kept.setItem(name, value);
      this.inMemory.delete(name);
    } catch {
      this.inMemory.set(name, String(value));
    }
  }

  removeItem(name) {
    this.inMemory.delete(name);
    this.kept?.removeItem(name);
  }
}

/** Return the storage of the browser with a name such as "localStorage"; it may be switched off. */
export function storageOf(place, name = "localStorage") {
  try {
    return new BrowserStorage(place[name]);
  } catch { // switched off: to ask for it is refused
    return new BrowserStorage(null);
  }
}
