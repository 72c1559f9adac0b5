// The menu and the keys.

import { draw } from "./draw.js";
import { find, setAttribute } from "./elements.js";

const BUTTONS = { p: ".pause", h: '[data-request="hold"]', n: '[data-request="snooze"]' };

export const menuIsOpen = () => !find("#menu").hidden;

/** Open or close the menu, and move the focus to where the next key is expected. */
export function showMenu(open) {
  find("#menu").hidden = !open;
  setAttribute(find(".more"), "aria-expanded", open);
  draw();
  (open ? find("#menu button:enabled") ?? find("#menu select") : find(".more")).focus();
}

export function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.target.closest?.("select")) return;
  const key = event.key.toLowerCase();
  if (Object.hasOwn(BUTTONS, key)) find(BUTTONS[key]).click();
  else if (key === "m") showMenu(!menuIsOpen());
  else if (key === "escape" && menuIsOpen()) showMenu(false);
  else return;
  event.preventDefault();
}
