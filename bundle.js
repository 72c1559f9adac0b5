// Joins the modules of each page into the one script that the page carries: `npm run bundle` writes cxaudio/web/built/.
//
// The first line of a bundle has two digests: of its sources, so that a test in Python can tell without Node that a source
// has changed since, and of the script under it, so that nobody changes that by hand.

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const WEB = new URL("cxaudio/web/", import.meta.url);

export const PAGES = ["call", "hud", "index"];
export const built = (page) => new URL(`built/${page}.js`, WEB);

const sha256 = (text) => createHash("sha256").update(text, "utf8").digest("hex");

/** Read a text with line feeds alone, whatever the checkout made of them. */
const read = async (url) => (await readFile(url, "utf8")).replaceAll("\r\n", "\n");

/** Return the digest of all sources of a page: each file's path below cxaudio/web and its text, in the order of the paths. */
async function sourcesDigest(page) {
  const names = [];
  for (const folder of [page, "shared"]) {
    for (const name of await readdir(new URL(`${folder}/`, WEB))) if (name.endsWith(".js")) names.push(`${folder}/${name}`);
  }
  const texts = await Promise.all(names.sort().map(async (name) => `${name}\n${await read(new URL(name, WEB))}`));
  return sha256(texts.join(""));
}

/** Return the script of a page. */
export async function bundleOf(page) {
  const { outputFiles: [{ text }] } = await build({
    absWorkingDir: ROOT,
    banner: { js: '"use strict";' },
    entryPoints: [`cxaudio/web/${page}/page.js`],
    bundle: true,
    charset: "utf8",
    format: "iife",
    logLevel: "warning",
    target: "es2022",
    write: false,
  });
  return `// Made by "npm run bundle" from sources sha256:${await sourcesDigest(page)}; what follows is sha256:${sha256(text)}\n${text}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(new URL("built/", WEB), { recursive: true });
  for (const page of PAGES) await writeFile(built(page), await bundleOf(page));
}
