// Puts the page together and connects it.

import { enter, watchConnection } from "./connection.js";
import { draw, reducedMotion } from "./draw.js";
import { drawTexts, find, hud } from "./elements.js";
import { facts, language, setLanguage, t } from "./facts.js";
import { menuIsOpen, onKey, showMenu } from "./menu.js";
import { openOwnWindow, pictureInPicture } from "./own_window.js";
import { requests, showFailure } from "./requests.js";

function setTheme(theme) {
  for (const page of [document, hud.ownerDocument]) {
    if (theme === "auto") delete page.documentElement.dataset.theme;
    else page.documentElement.dataset.theme = theme;
  }
}

const languages = find(".language");
for (const [name, label] of Object.entries(facts.languages)) {
  const option = new Option(label, name, name === language(), name === language());
  option.lang = name;
  languages.append(option);
}
languages.addEventListener("change", () => {
  setLanguage(languages.value);
  drawTexts();
  draw();
});
find(".theme").addEventListener("change", (event) => setTheme(event.target.value));
find(".pause").addEventListener("click", requests.pause);
find(".more").addEventListener("click", () => showMenu(!menuIsOpen()));
for (const button of hud.querySelectorAll("[data-request]")) {
  button.addEventListener("click", () => {
    requests[button.dataset.request]();
    if (menuIsOpen()) showMenu(false);
  });
}
if (pictureInPicture) {
  find(".own-window").hidden = false;
  find(".own-window").addEventListener("click", () => openOwnWindow().catch(() => showFailure(t("hud.own_window_failed"))));
}
document.addEventListener("keydown", onKey);
reducedMotion.addEventListener("change", draw);

drawTexts();
draw();
enter();
watchConnection();
