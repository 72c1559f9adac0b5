// Words in the language of the page, and the page's own elements.

const facts = JSON.parse(document.getElementById("facts").textContent);
const hud = document.getElementById("hud");
const find = (selector) => hud.querySelector(selector);

let language = facts.language;

function t(key, blanks = {}) {
  const text = facts.texts[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => blanks[name] ?? whole);
}

// A nudge's own wording in the settings stands over that of the page's language.
const nudgeText = (key) => facts.words[key] ?? t(key);

// Touch the page only where it differs: what has not changed is not painted, and not read aloud again.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setMark(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

function setFlag(node, name, on) {
  if (node.hasAttribute(name) !== on) node.toggleAttribute(name, on);
}

// Texts that stand still: in the markup they are named by their key.
function drawTexts() {
  for (const root of [document, hud]) {
    for (const node of root.querySelectorAll("[data-t]")) setText(node, t(node.dataset.t));
    for (const node of root.querySelectorAll("[data-t-label]")) setMark(node, "aria-label", t(node.dataset.tLabel));
  }
  setMark(hud, "aria-label", t("hud.display"));
  for (const page of [document, hud.ownerDocument]) {
    setMark(page.documentElement, "lang", t("language.html"));
    page.title = t("hud.title");
  }
}
