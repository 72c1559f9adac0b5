// Keys of the page: each is registered with what it does, and so stands in the help.

const registered = [];
let first = ""; // of a sequence of two keys, such as "g o"
let firstAt = 0;

const LONGEST_PAUSE_MS = 1500; // between the keys of a sequence
const FIELDS = "input:not([type=checkbox],[type=radio],[type=range],[type=button]), textarea, select, [contenteditable=true]";

/**
 * Register keys. Each entry has `keys` (a list of names as in KeyboardEvent.key, or of sequences such as "g o"), `label`
 * and `group` for the help, and `run`; `inFields` true: also while somebody writes in a field; `when`: called before,
 * false leaves the key to the browser.
 */
export function registerKeys(entries) {
  registered.push(...entries);
}

/** Return the entries, in the order in which they were registered. */
export const registeredKeys = () => registered;

/** Return whether a key press goes into a field. */
export const inField = (target) => target instanceof Element && target.closest(FIELDS) !== null;

function entryFor(name, writing) {
  return registered.find(({ keys, inFields = false, when }) => keys.includes(name) && (inFields || !writing) && (!when || when()));
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const dialog = document.querySelector("dialog[open]");
  if (dialog && !dialog.hasAttribute("data-page-keys") && event.key !== "?") return; // the dialog has the keys
  const writing = inField(event.target);
  const sequence = first && event.timeStamp - firstAt < LONGEST_PAUSE_MS ? `${first} ${event.key}` : "";
  const entry = (sequence && entryFor(sequence, writing)) || entryFor(event.key, writing);
  first = "";
  if (entry) {
    // Space and Enter do what the focused button or link says.
    if ((event.key === " " || event.key === "Enter") && event.target instanceof Element && event.target.closest("button, a[href], summary, label")) return;
    event.preventDefault();
    entry.run(event);
    return;
  }
  if (!writing && registered.some(({ keys }) => keys.some((name) => name.startsWith(`${event.key} `)))) {
    first = event.key;
    firstAt = event.timeStamp;
  }
}

document.addEventListener("keydown", onKey);
