// Begin.

function setTheme(theme) {
  for (const page of [document, hud.ownerDocument]) {
    if (theme === "auto") delete page.documentElement.dataset.theme;
    else page.documentElement.dataset.theme = theme;
  }
}

const languages = find(".language");
for (const [name, label] of Object.entries(facts.languages)) {
  const option = new Option(label, name, name === language, name === language);
  option.lang = name;
  languages.append(option);
}
languages.addEventListener("change", () => {
  language = languages.value;
  drawTexts();
  draw();
});
find(".theme").addEventListener("change", (event) => setTheme(event.target.value));
find(".pause").addEventListener("click", wishes.pause);
find(".more").addEventListener("click", () => showMenu(find("#menu").hidden));
for (const button of hud.querySelectorAll("[data-wish]")) {
  button.addEventListener("click", () => {
    wishes[button.dataset.wish]();
    if (!find("#menu").hidden) showMenu(false);
  });
}
if (pictureInPicture) {
  find(".own-window").hidden = false;
  find(".own-window").addEventListener("click", () => openOwnWindow().catch(() => tell(t("hud.own_window_failed"))));
}
document.addEventListener("keydown", onKey);
reducedMotion.addEventListener("change", draw);

drawTexts();
draw();
enter();
