// Notes that are being written: kept in the browser until they are part of a verdict.

export class NoteDrafts {
  constructor(storage, prefix) {
    Object.assign(this, { storage, prefix });
  }

  /** Return what is being written about a flag; undefined: nothing. */
  of(flag) {
    return this.storage.getItem(this.nameOf(flag)) ?? undefined;
  }

  keep(flag, text) {
    this.storage.setItem(this.nameOf(flag), text);
  }

  drop(flag) {
    this.storage.removeItem(this.nameOf(flag));
  }

  /** Return the name of a flag that stays its own when the call is judged anew: its number does not. */
  nameOf({ type, rule, start_s: start }) {
    return `${this.prefix}${type}.${rule}.${start}`;
  }
}
