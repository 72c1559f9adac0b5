import assert from "node:assert/strict";
import { test } from "node:test";

import { NO_VIEW } from "../../cxaudio/web/hud/display.js";
import { SHAPES } from "../../cxaudio/web/hud/shapes.js";
import { connectionAfterLoss, isOverdue, withoutNudge, withoutTimes } from "../../cxaudio/web/hud/stream.js";

test("a server that answers and refuses the stream has locked the page out; otherwise it is gone", () => {
  assert.equal(connectionAfterLoss(true, true), "locked");
  assert.equal(connectionAfterLoss(true, false), "offline");
  assert.equal(connectionAfterLoss(false, true), "offline");
});

test("an open connection is overdue after three and a half silent seconds, unless the session has ended", () => {
  const open = { connection: "open", view: { state: "listening" } };
  assert.equal(isOverdue(open, 3500), false);
  assert.equal(isOverdue(open, 3501), true);
  assert.equal(isOverdue({ ...open, view: { state: "stopped" } }, 60000), false);
  assert.equal(isOverdue({ ...open, connection: "offline" }, 60000), false);
});

test("a lost connection takes away the nudge and the wait, and a nudge that is over only itself", () => {
  const view = { ...NO_VIEW, nudge: { id: 1 }, wait: { seconds: 3 }, hold: "music" };
  assert.deepEqual(withoutTimes(view), { ...view, nudge: null, wait: null });
  assert.deepEqual(withoutNudge(view), { ...view, nudge: null });
});

test("every state of the connection, of a side and of the band has a shape, and opposite ones differ", () => {
  const names = ["connecting", "offline", "locked", "speaking", "silent", "missing", "nudge", "praise", "wait", "late", "hold", "plain", "play", "paused"];
  for (const name of names) assert.match(SHAPES[name], /^M[\d.]/, name);
  for (const [one, other] of [["speaking", "silent"], ["silent", "missing"], ["nudge", "praise"], ["play", "paused"], ["faster", "slower"]]) {
    assert.notEqual(SHAPES[one], SHAPES[other]);
  }
});
