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

/**
 * Return the name of a key as it is registered: what it writes, whatever the layout; with caps lock the small letter, and
 * on a layout of other letters (Greek, Cyrillic) the Latin letter of its place.
 */
export function keyName({ key, code = "", shiftKey = false, getModifierState }) {
  if (key.length !== 1) return key;
  const place = /^Key([A-Z])$/.exec(code);
  if (place && key.charCodeAt(0) > 127) return shiftKey ? place[1] : place[1].toLowerCase();
  return /^[A-Za-z]$/.test(key) && getModifierState?.("CapsLock") ? (shiftKey ? key.toUpperCase() : key.toLowerCase()) : key;
}

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
  const pressed = keyName({ key: event.key, code: event.code, shiftKey: event.shiftKey, getModifierState: (name) => event.getModifierState(name) });
  const sequence = first && event.timeStamp - firstAt < LONGEST_PAUSE_MS ? `${first} ${pressed}` : "";
  const entry = (sequence && entryFor(sequence, writing)) || entryFor(pressed, writing);
  first = "";
  if (entry) {
    // Space and Enter do what the focused button or link says.
    if ((event.key === " " || event.key === "Enter") && event.target instanceof Element && event.target.closest("button, a[href], summary, label")) return;
    event.preventDefault();
    entry.run(event);
    return;
  }
  if (!writing && registered.some(({ keys }) => keys.some((name) => name.startsWith(`${pressed} `)))) {
    first = pressed;
    firstAt = event.timeStamp;
  }
}

globalThis.document?.addEventListener("keydown", onKey);
