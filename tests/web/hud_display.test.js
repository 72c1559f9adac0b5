import assert from "node:assert/strict";
import { test } from "node:test";

import {
  NO_VIEW, bandOf, enabledButtons, scalePlace, shareText, shownState, sideRow, stateText, troubleText,
} from "../../cxaudio/web/hud/display.js";

/** Shows the key and its values, so that a test sees which text was chosen. */
const t = (key, values) => (values ? `${key} ${JSON.stringify(values)}` : key);
const nudgeText = (key) => `nudge ${key}`;
const OPTIONS = { live: true, still: false, steps: 20, characters: false, t };
const SIDE = { level: 5, speaking: false, heard: true, rate: null };
const viewWith = (changes) => ({ ...NO_VIEW, state: "listening", in_call: true, ...changes });
const band = (state, view, failure = "") => bandOf(state, view, { failure, nudgeText, t });

test("the connection's state is shown until it is open, but never instead of an ended session", () => {
  assert.equal(shownState(viewWith({}), "open"), "listening");
  assert.equal(shownState(viewWith({}), "offline"), "offline");
  assert.equal(shownState(viewWith({ state: "stopped" }), "offline"), "stopped");
});

test("a trouble says whose sound is missing", () => {
  const sides = (agent, customer) => viewWith({ sides: [{ ...SIDE, heard: agent }, { ...SIDE, heard: customer }] });
  assert.equal(stateText("trouble", sides(true, true), t), "hud.trouble_quality");
  assert.equal(stateText("trouble", sides(false, true), t), "hud.trouble_agent");
  assert.equal(stateText("trouble", sides(true, false), t), "hud.trouble_customer");
  assert.equal(stateText("trouble", sides(false, false), t), "hud.trouble_both");
  assert.equal(stateText("on_hold", sides(false, false), t), "hud.on_hold");
});

test("a side that speaks has other words, another shape and its level", () => {
  const silent = sideRow("agent", { ...SIDE, level: 0 }, OPTIONS);
  assert.deepEqual([silent.who, silent.shape, silent.bar], ["hud.you", "silent", 0]);
  const speaking = sideRow("agent", { ...SIDE, speaking: true }, OPTIONS);
  assert.deepEqual([speaking.who, speaking.shape, speaking.bar], ["hud.you_speak", "speaking", 0.25]);
  assert.equal(sideRow("customer", { ...SIDE, speaking: true }, OPTIONS).who, "hud.customer_speaks");
});

test("with less motion the bar is full while a side speaks, and empty otherwise", () => {
  assert.equal(sideRow("agent", { ...SIDE, speaking: true }, { ...OPTIONS, still: true }).bar, 1);
  assert.equal(sideRow("agent", SIDE, { ...OPTIONS, still: true }).bar, 0);
});

test("a side whose sound is missing says so and has no rate", () => {
  const row = sideRow("customer", { ...SIDE, heard: false, rate: 4.5 }, OPTIONS);
  assert.deepEqual(row, { received: false, speaking: false, shape: "missing", bar: 0.25, rate: "", title: "", who: "hud.customer · hud.not_heard" });
});

test("without a connection nobody speaks and nothing is called missing", () => {
  const row = sideRow("agent", { ...SIDE, heard: false, speaking: true }, { ...OPTIONS, live: false });
  assert.deepEqual([row.received, row.speaking, row.shape, row.bar, row.who], [true, false, "silent", 0, "hud.you"]);
});

test("a rate is in syllables a second, or for Chinese calls in tens of characters a minute", () => {
  const now = { ...SIDE, rate: 4.44 };
  assert.equal(sideRow("agent", now, OPTIONS).rate, 'hud.rate {"n":"4.4"}');
  assert.equal(sideRow("agent", now, { ...OPTIONS, characters: true }).rate, 'hud.characters {"n":"270"}');
  assert.equal(sideRow("agent", now, { ...OPTIONS, characters: true }).title, 'hud.rate_title {"n":"4.4"}');
  assert.equal(sideRow("agent", SIDE, OPTIONS).rate, "hud.rate_unknown");
});

test("the scale goes from half to twice, with the same rate in the middle", () => {
  assert.equal(scalePlace(1), 50);
  assert.equal(Math.round(1e9 * scalePlace(Math.SQRT2)), 75e9);
  assert.equal(Math.round(1e9 * scalePlace(1 / Math.SQRT2)), 25e9);
  assert.equal(scalePlace(0.5), 2);
  assert.equal(scalePlace(3), 98);
});

test("the line under the scale names the share of talk, and a tempo that is not ordinary", () => {
  assert.equal(shareText({ share: 0.456, tempo: "hurried" }, t), 'hud.share {"n":46} · hud.tempo_hurried');
  assert.equal(shareText({ share: null, tempo: "neutral" }, t), "");
});

test("of several troubles the first is named and the others are counted", () => {
  const troubles = [{ kind: "unplugged", side: "agent", device: "Headset" }, { kind: "muted", side: "customer", device: null }];
  assert.equal(troubleText(troubles.slice(0, 1), t), 'hud.unplugged {"device":"Headset"}');
  assert.match(troubleText(troubles, t), /^hud\.more_troubles .*"n":1\}$/);
});

test("the band shows the first of: failure, state, trouble that stops the sound, nudge, trouble, wait, hold, snooze", () => {
  const trouble = { kind: "unplugged", side: "agent", device: "Headset" };
  const view = viewWith({
    troubles: [trouble],
    nudge: { key: "rushing.slow_down", positive: false },
    wait: { owed_by: "agent", seconds: 3, late: false },
    hold: "music",
    snoozed_min: 4,
  });
  assert.deepEqual(band("paused", view, "it failed"), { kind: "trouble", message: "it failed" });
  assert.deepEqual(band("paused", view), { kind: "plain", message: "hud.paused_detail" });
  assert.deepEqual(band("offline", view), { kind: "trouble", message: "hud.offline_detail" });
  assert.deepEqual(band("trouble", view), { kind: "trouble", message: 'hud.unplugged {"device":"Headset"}' });
  assert.deepEqual(band("listening", view), { kind: "nudge", message: "nudge rushing.slow_down" });
  assert.deepEqual(band("listening", { ...view, nudge: null }), { kind: "trouble", message: 'hud.unplugged {"device":"Headset"}' });
  const calm = { ...view, nudge: null, troubles: [] };
  assert.deepEqual(band("listening", calm), { kind: "wait", counter: 'hud.wait_agent {"n":3}' });
  assert.deepEqual(band("listening", { ...calm, wait: null }), { kind: "hold", message: "hud.hold_found" });
  assert.deepEqual(band("listening", { ...calm, wait: null, hold: null }), { kind: "plain", counter: 'hud.snoozed {"n":4}' });
  assert.deepEqual(band("listening", viewWith({})), { kind: "none" });
});

test("praise and a late reply have kinds of their own, and a hold is named only while the session listens", () => {
  assert.equal(band("listening", viewWith({ nudge: { key: "rushing.thanks", positive: true } })).kind, "praise");
  assert.equal(band("listening", viewWith({ wait: { owed_by: "agent", seconds: 6, late: true } })).kind, "late");
  assert.equal(band("on_hold", viewWith({ hold: "music" })).kind, "none");
});

test("buttons can be pressed where the session could do what they ask", () => {
  const waiting = viewWith({ in_call: false });
  assert.deepEqual(enabledButtons("listening", viewWith({}), "open"), { pause: true, hold: true, snooze: true, start: false, end: true });
  assert.deepEqual(enabledButtons("waiting", waiting, "open"), { pause: true, hold: false, snooze: true, start: true, end: false });
  assert.deepEqual(enabledButtons("paused", viewWith({}), "open"), { pause: true, hold: false, snooze: true, start: false, end: true });
  const none = { pause: false, hold: false, snooze: false, start: false, end: false };
  assert.deepEqual(enabledButtons("offline", viewWith({}), "offline"), none);
  assert.deepEqual(enabledButtons("stopped", viewWith({}), "open"), none);
});
