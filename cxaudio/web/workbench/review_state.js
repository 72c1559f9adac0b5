// What has been judged of a call: the verdicts that the server has, and those that are on their way to it.

/**
 * Return what is left of entries on their way once each undo has taken back the last verdict before it.
 *
 * Entries are { kind: "verdict", call, body } and { kind: "undo" }. An undo before which nothing is on its way concerns a
 * verdict that the server has; the server decides which.
 */
export function stillOnTheirWay(entries) {
  const left = [];
  for (const entry of entries) {
    if (entry.kind === "verdict") left.push(entry);
    else left.pop();
  }
  return left;
}

/** Return what a verdict is of, as a name: the same flag, the call, or a fault that was missed at that instant. */
const nameOf = ({ n, type, rule, start_s: start }) => (type === "call" ? "call" : n === null || n === undefined ? `${type} ${rule} ${start}` : String(n));

/** Return whether a flag asks for a verdict; a note is no flag in any count. */
const asks = (flag) => flag.severity !== "note";

export class ReviewState {
  /** Hold the flags of a call, in the order in which they are judged. */
  constructor(flags) {
    this.flags = flags;
    this.number = 0;
    this.replace({ number: 0, verdicts: [], history: [] }, []);
  }

  /** Take what the server has, and the entries for this call that it does not have yet. */
  replace({ number, verdicts, history }, entries) {
    this.number = number;
    this.history = history;
    this.own = new Map(verdicts.filter((each) => each.own).map((each) => [nameOf(each), each]));
    this.others = verdicts.filter((each) => !each.own);
    for (const { body } of entries) {
      if (body.decision === "withdrawn") this.own.delete(nameOf(body));
      else this.own.set(nameOf(body), { ...body, own: true, waiting: true });
    }
  }

  /** Return the reviewer's own verdict on a flag; undefined: none. */
  ownOf(flag) {
    return this.own.get(String(flag.n));
  }

  /** Return the other reviewers' verdicts on a flag. */
  othersOf(flag) {
    return this.others.filter((each) => each.n === flag.n);
  }

  /** Return all verdicts on a flag, the newest first. */
  historyOf(flag) {
    return this.history.filter((each) => each.n === flag.n).reverse();
  }

  /** Return the reviewer's own verdict on the call itself; undefined: none. */
  get ofCall() {
    return this.own.get("call");
  }

  /** Return the faults that reviewers noted and that were not flagged, in the order of the call. */
  get missed() {
    return [...this.own.values(), ...this.others].filter((each) => each.type === "missed").sort((a, b) => a.start_s - b.start_s);
  }

  /** Return how many flags ask for a verdict: notes may be judged, and need not be. */
  get nToJudge() {
    return this.flags.filter(asks).length;
  }

  get nJudged() {
    return this.flags.filter((flag) => asks(flag) && this.ownOf(flag)).length;
  }

  /** Return the first flag that asks for a verdict after a flag, and from the start of the list on; null: all are judged. */
  unjudgedAfter(flag) {
    const at = flag ? this.flags.indexOf(flag) : -1;
    const order = [...this.flags.slice(at + 1), ...this.flags.slice(0, at + 1)];
    return order.find((each) => asks(each) && !this.ownOf(each)) ?? null;
  }

  /** Return the flag `step` places on in the list; the list ends at its ends. */
  stepFrom(flag, step) {
    if (!this.flags.length) return null;
    const at = flag ? this.flags.indexOf(flag) : step > 0 ? -1 : this.flags.length;
    return this.flags[Math.min(this.flags.length - 1, Math.max(0, at + step))];
  }
}
