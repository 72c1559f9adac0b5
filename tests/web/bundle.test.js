import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { PAGES, built, bundleOf } from "../../bundle.js";

for (const page of PAGES) {
  test(`the bundle of the ${page} page is what its modules make; else run: npm run bundle`, async () => {
    const expected = await bundleOf(page);
    assert.ok(expected === (await readFile(built(page), "utf8")).replaceAll("\r\n", "\n"));
  });
}
