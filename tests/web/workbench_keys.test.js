import assert from "node:assert/strict";
import { test } from "node:test";

import { keyName } from "../../cxaudio/web/workbench/keys.js";

const capsLock = (name) => name === "CapsLock";

test("a key has the name of what it writes, wherever it is on the keyboard", () => {
  assert.deepEqual(["j", "S", "?", "[", "ArrowUp"].map((key) => keyName({ key, code: "KeyQ" })), ["j", "S", "?", "[", "ArrowUp"]);
});

test("caps lock changes nothing", () => {
  assert.equal(keyName({ key: "R", code: "KeyR", getModifierState: capsLock }), "r");
  assert.equal(keyName({ key: "s", code: "KeyS", shiftKey: true, getModifierState: capsLock }), "S");
});

test("on a layout of other letters a key is that of its place", () => {
  assert.equal(keyName({ key: "\u043e", code: "KeyJ" }), "j");
  assert.equal(keyName({ key: "\u042b", code: "KeyS", shiftKey: true }), "S");
  assert.equal(keyName({ key: "\u00e9", code: "Digit2" }), "\u00e9");
});
