// The elements of the display. Only what differs is written: what has not changed is not painted, and not read aloud again.

import { t } from "./facts.js";
import { SHAPES } from "./shapes.js";

export const hud = document.getElementById("hud");
export const find = (selector) => hud.querySelector(selector);

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export function setFlag(node, name, on) {
  if (node.hasAttribute(name) !== on) node.toggleAttribute(name, on);
}

export function setShape(node, name) {
  setAttribute(node.querySelector("path"), "d", SHAPES[name] ?? "");
}

/** Write the texts that depend on the language alone; the page names them by their keys. */
export function drawTexts() {
  for (const root of [document, hud]) {
    for (const node of root.querySelectorAll("[data-t]")) setText(node, t(node.dataset.t));
    for (const node of root.querySelectorAll("[data-t-label]")) setAttribute(node, "aria-label", t(node.dataset.tLabel));
  }
  setAttribute(hud, "aria-label", t("hud.display"));
  for (const page of [document, hud.ownerDocument]) {
    setAttribute(page.documentElement, "lang", t("language.html"));
    page.title = t("hud.title");
  }
}
