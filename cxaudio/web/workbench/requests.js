// Requests to the server of this page.

/** What the server refused, with its sentence; `status` is 0 where it did not answer. */
export class RequestError extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new RequestError(0, error.message);
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const text = await answer.text();
  let sentence = text;
  try {
    sentence = JSON.parse(text).error ?? text;
  } catch { /* a refusal in plain text */ }
  throw new RequestError(answer.status, sentence);
}

/** Ask for JSON. */
export const get = (path, { signal } = {}) => ask(path, { signal, headers: { accept: "application/json" } });

/** Send a value as JSON, and return the JSON of the answer. */
export const post = (path, value = {}, { signal, keepalive = false } = {}) => ask(path, {
  method: "POST",
  signal,
  keepalive,
  headers: { "content-type": "application/json", accept: "application/json" },
  body: JSON.stringify(value),
});
