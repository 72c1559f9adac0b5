// The display in a small window of its own that stays above others, where the browser has such windows.

import { drawTexts, hud } from "./elements.js";
import { onKey, showMenu } from "./menu.js";

export const pictureInPicture = window.documentPictureInPicture;

export async function openOwnWindow() {
  showMenu(false);
  const own = await pictureInPicture.requestWindow({ width: 320, height: 200 });
  own.document.head.append(document.querySelector("style").cloneNode(true));
  own.document.documentElement.dataset.theme = document.documentElement.dataset.theme;
  own.document.body.append(hud);
  document.getElementById("own-window-note").hidden = false;
  own.document.addEventListener("keydown", onKey);
  own.addEventListener("pagehide", () => {
    document.body.prepend(hud);
    document.getElementById("own-window-note").hidden = true;
  });
  drawTexts();
}
