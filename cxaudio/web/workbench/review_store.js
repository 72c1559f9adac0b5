// Where this browser keeps a reviewer's own things: settings of the panel, and how verdicts reach the server.

const TIMEOUT_MS = 10_000;

/** Send an entry of the queue; see ReviewQueue for what it resolves to. */
export async function sendEntry({ path, body }) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), keepalive: true,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.ok) return { saved: await answer.json() };
  } catch {
    return { trouble: "unreachable" };
  }
  // 409: the browser is now another reviewer's.
  if (answer.status === 401 || answer.status === 409) return { trouble: "session" };
  const said = await answer.json().catch(() => ({}));
  if (answer.status >= 500 || answer.status === 408 || answer.status === 429) return { trouble: "unreachable", said: said.error };
  return { refused: said.error ?? `HTTP ${answer.status}` };
}

/** Read and write a setting of the panel: on or off. */
export function switchIn(storage, name, otherwise) {
  const key = `cxaudio.review.${name}`;
  return {
    get on() {
      return (storage.getItem(key) ?? String(otherwise)) === "true";
    },
    flip() {
      storage.setItem(key, String(!this.on));
      return this.on;
    },
  };
}
