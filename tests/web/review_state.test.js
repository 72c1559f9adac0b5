import assert from "node:assert/strict";
import { test } from "node:test";

import { ReviewState, stillOnTheirWay } from "../../cxaudio/web/workbench/review_state.js";

const FLAGS = [4, 9, 12].map((n) => ({ n, type: "flag", rule: "rushing", start_s: n }));
const entry = (n, decision = "right") => ({ kind: "verdict", body: { n, type: "flag", decision } });
const UNDO = { kind: "undo" };

function stateOf({ verdicts = [], history = [], entries = [] } = {}) {
  const state = new ReviewState(FLAGS);
  state.replace({ number: 1, verdicts, history }, entries);
  return state;
}

test("verdicts on their way count as given, and are marked", () => {
  const state = stateOf({ verdicts: [{ n: 4, own: true, type: "flag", decision: "right" }], entries: [entry(4, "wrong"), entry(9)] });
  assert.deepEqual(FLAGS.map((flag) => state.ownOf(flag)?.decision), ["wrong", "right", undefined]);
  assert.equal(state.ownOf(FLAGS[1]).waiting, true);
  assert.deepEqual([state.nJudged, state.nToJudge], [2, 3]);
});

test("others' verdicts are not one's own", () => {
  const state = stateOf({ verdicts: [{ n: 4, own: false, reviewer: "bernd", type: "flag", decision: "wrong" }] });
  assert.equal(state.ownOf(FLAGS[0]), undefined);
  assert.deepEqual(state.othersOf(FLAGS[0]).map((each) => each.reviewer), ["bernd"]);
});

test("the next flag without a verdict is looked for to the end and then from the start", () => {
  const state = stateOf({ entries: [entry(12)] });
  assert.equal(state.unjudgedAfter(FLAGS[0]), FLAGS[1]);
  assert.equal(state.unjudgedAfter(FLAGS[1]), FLAGS[0]);
  assert.equal(stateOf({ entries: [entry(4), entry(9), entry(12)] }).unjudgedAfter(FLAGS[2]), null);
});

test("stepping through the list ends at its ends", () => {
  const state = stateOf();
  assert.equal(state.stepFrom(null, 1), FLAGS[0]);
  assert.equal(state.stepFrom(null, -1), FLAGS[2]);
  assert.equal(state.stepFrom(FLAGS[0], -1), FLAGS[0]);
  assert.equal(state.stepFrom(FLAGS[1], 1), FLAGS[2]);
  assert.equal(new ReviewState([]).stepFrom(null, 1), null);
});

test("a verdict on the call itself is none on a flag", () => {
  const state = stateOf({ verdicts: [{ n: null, own: true, type: "call", rule: "", decision: "right" }] });
  assert.deepEqual([state.nJudged, state.ofCall.decision], [0, "right"]);
});

test("notes can be judged, and do not ask for it", () => {
  const note = { n: 20, type: "flag", rule: "rushing", severity: "note" };
  const state = new ReviewState([note, FLAGS[0]]);
  assert.deepEqual([state.nToJudge, state.unjudgedAfter(null)], [1, FLAGS[0]]);
  assert.equal(state.stepFrom(null, 1), note);
});

test("faults that were missed are listed in the order of the call, whoever noted them", () => {
  const missed = (own, start) => ({ n: null, own, type: "missed", rule: "rushing", start_s: start, decision: "right" });
  const state = stateOf({ verdicts: [missed(true, 50), missed(false, 20)] });
  assert.deepEqual(state.missed.map((each) => each.start_s), [20, 50]);
});

test("a withdrawn verdict on its way takes the verdict away", () => {
  const state = stateOf({ verdicts: [{ n: 4, own: true, type: "flag", decision: "right" }], entries: [entry(4, "withdrawn")] });
  assert.equal(state.ownOf(FLAGS[0]), undefined);
});

test("an undo takes back the last verdict before it", () => {
  const [a, b] = [entry(4), entry(9)];
  assert.deepEqual(stillOnTheirWay([a, b, UNDO]), [a]);
  assert.deepEqual(stillOnTheirWay([UNDO, a, UNDO, UNDO, b]), [b]);
});

test("the history of a flag begins with the newest verdict", () => {
  const state = stateOf({ history: [{ n: 4, decision: "right" }, { n: 9, decision: "unsure" }, { n: 4, decision: "wrong" }] });
  assert.deepEqual(state.historyOf(FLAGS[0]).map((each) => each.decision), ["wrong", "right"]);
});
