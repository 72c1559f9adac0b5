// Notes that are being written: kept in the browser until they are part of a verdict.

export class NoteDrafts {
  constructor(storage, prefix) {
    Object.assign(this, { storage, prefix });
  }

  /** Return what is being written about a flag; undefined: nothing. */
  of(flag) {
    return this.storage.getItem(this.prefix + flag.n) ?? undefined;
  }

  keep(flag, text) {
    this.storage.setItem(this.prefix + flag.n, text);
  }

  drop(flag) {
    this.storage.removeItem(this.prefix + flag.n);
  }
}
