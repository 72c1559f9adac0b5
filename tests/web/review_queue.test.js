import assert from "node:assert/strict";
import { test } from "node:test";

import { BrowserStorage } from "../../cxaudio/web/workbench/browser_storage.js";
import { ReviewQueue, waitBefore } from "../../cxaudio/web/workbench/review_queue.js";

const UNREACHABLE = { trouble: "unreachable" };

/** Make a storage of a browser that has room for `most` items. */
function storedUpTo(most) {
  const items = new Map();
  return {
    get length() {
      return items.size;
    },
    key: (i) => [...items.keys()][i] ?? null,
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => {
      if (!items.has(name) && items.size >= most) throw new Error("QuotaExceededError");
      items.set(name, value);
    },
    removeItem: (name) => items.delete(name),
  };
}

/** Make a queue whose server answers what `answers` holds, in turn, and then that all is saved. */
function queueWith(answers = [], storage = new BrowserStorage()) {
  const sent = [];
  const waits = [];
  const queue = new ReviewQueue({
    storage,
    prefix: "queue.store.anna.",
    send: async (entry) => {
      sent.push(entry.id);
      return answers.shift() ?? { saved: {} };
    },
    later: (run, ms) => waits.push({ run, ms }),
  });
  const ids = () => queue.entries.map((entry) => entry.id);
  return { queue, sent, waits, storage, ids };
}

test("an entry is gone once the server has it", async () => {
  const { queue, sent, ids } = queueWith();
  await queue.add({ id: "a" });
  assert.deepEqual([sent, ids(), queue.trouble], [["a"], [], null]);
});

test("a change is shown only once what the server has is known", async () => {
  const { queue } = queueWith();
  const known = [];
  const shown = [];
  queue.onSaved = (entry) => known.push(entry.id);
  queue.onChange = () => shown.push([...known, ...queue.entries.map((entry) => entry.id)].join(" "));
  await Promise.all([queue.add({ id: "a" }), queue.add({ id: "b" })]);
  assert.deepEqual([...new Set(shown)], ["a", "a b"]);
});

test("entries wait in their order while the server does not answer, and are sent when it does", async () => {
  const { queue, sent, waits, ids } = queueWith([UNREACHABLE, UNREACHABLE]);
  await queue.add({ id: "b" });
  await queue.add({ id: "a" });
  assert.deepEqual([ids(), queue.trouble], [["b", "a"], "unreachable"]);
  assert.equal(waits.length, 1); // one attempt is planned, however many entries wait
  await waits[0].run();
  await queue.flush();
  assert.deepEqual([sent, ids(), queue.trouble], [["b", "b", "b", "a"], [], null]);
});

test("an entry survives the page, and another page sends it", async () => {
  const first = queueWith([UNREACHABLE]);
  await first.queue.add({ id: "a", verdict: "right" });
  const second = queueWith([], first.storage);
  assert.equal(second.queue.entries[0].verdict, "right");
  await second.queue.flush();
  assert.deepEqual([second.sent, second.ids()], [["a"], []]);
});

test("an entry is kept when the session has ended", async () => {
  const { queue, ids } = queueWith([{ trouble: "session" }]);
  await queue.add({ id: "a" });
  assert.deepEqual([ids(), queue.trouble], [["a"], "session"]);
});

test("a refused entry is kept with the reason and does not hold up the next", async () => {
  const { queue, ids } = queueWith([{ refused: "call 5: no such call" }]);
  await queue.add({ id: "a" });
  await queue.add({ id: "b" });
  assert.deepEqual([ids(), queue.refused.map((entry) => entry.refused)], [[], ["call 5: no such call"]]);
  queue.dismiss("a");
  assert.deepEqual(queue.refused, []);
});

test("an entry that the browser has no room for is sent all the same", async () => {
  const { queue, sent, ids, storage } = queueWith([UNREACHABLE, UNREACHABLE], new BrowserStorage(storedUpTo(1)));
  await queue.add({ id: "a" });
  await queue.add({ id: "b" });
  assert.deepEqual([ids(), storage.fleeting], [["a", "b"], true]);
  await queue.flush();
  assert.deepEqual([sent, ids(), storage.fleeting], [["a", "a", "a", "b"], [], false]);
});

test("what another tab left half written or took away holds nothing up", async () => {
  const { queue, sent, storage } = queueWith();
  for (const [name, text] of [["x", "{"], ["y", "null"], ["z", "7"]]) storage.setItem(`queue.store.anna.${name}`, text);
  await queue.add({ id: "a" });
  assert.deepEqual(sent, ["a"]);
});

test("the sentence of a server that cannot store is kept until it can", async () => {
  const { queue } = queueWith([{ trouble: "unreachable", said: "the disk is full" }]);
  await queue.add({ id: "a" });
  assert.deepEqual([queue.trouble, queue.said], ["unreachable", "the disk is full"]);
  await queue.flush();
  assert.deepEqual([queue.trouble, queue.said], [null, null]);
});

test("an entry that is added while another is on its way is sent after it", async () => {
  const { queue, sent } = queueWith();
  await Promise.all([queue.add({ id: "b" }), queue.add({ id: "a" })]);
  assert.deepEqual(sent, ["b", "a"]);
});

test("other users' entries are left alone", async () => {
  const { queue, storage, ids } = queueWith();
  storage.setItem("queue.store.bernd.x", JSON.stringify({ id: "x", order: 1 }));
  await queue.flush();
  assert.deepEqual([ids(), storage.names("queue.store.bernd.")], [[], ["queue.store.bernd.x"]]);
});

test("attempts come less often the longer the server is away, at least every ten seconds", () => {
  assert.deepEqual([1, 2, 3, 20].map(waitBefore), [500, 1000, 2000, 10000]);
});
