// The packed columns of the page: base64 of gzip of JSON.

/** Return whether this browser can unpack them. */
export const canUnpack = () => typeof DecompressionStream === "function";

/** Return the value that a text holds as base64 of gzip of JSON. */
export async function unpacked(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k += 1) bytes[k] = letters.charCodeAt(k);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}
