// What each page of the workbench has: navigation by keys, the help, and the choice of language and theme.

import { registerKeys, registeredKeys } from "./keys.js";
import { sendWaiting } from "./waiting_verdicts.js";
import { word } from "./words.js";

const help = document.getElementById("help");
const settings = document.getElementById("settings");
const showSettings = document.getElementById("show-settings");

function keyNames(keys) {
  return keys.map((name) => {
    const parts = name === " " ? [word("workbench_keys.space")] : name.split(" ");
    return parts.map((part) => {
      const key = document.createElement("kbd");
      key.textContent = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" }[part] ?? part;
      return key;
    });
  });
}

function fillHelp() {
  const groups = new Map();
  for (const entry of registeredKeys()) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  const sections = [...groups].map(([group, entries]) => {
    const section = document.createElement("section");
    const heading = document.createElement("h3");
    heading.textContent = group;
    const list = document.createElement("dl");
    for (const { keys, label } of entries) {
      const term = document.createElement("dt");
      keyNames(keys).forEach((parts, i) => {
        if (i) term.append(" / ");
        term.append(...parts);
      });
      const meaning = document.createElement("dd");
      meaning.textContent = label;
      const row = document.createElement("div");
      row.append(term, meaning);
      list.append(row);
    }
    section.append(heading, list);
    return section;
  });
  document.getElementById("help-keys").replaceChildren(...sections);
}

function toggleHelp() {
  if (help.open) {
    help.close();
  } else {
    fillHelp();
    help.showModal();
  }
}

function remember(name, value) {
  document.cookie = `cxaudio_${name}=${value}; path=/; max-age=31536000; samesite=strict`;
  window.location.reload();
}

showSettings.addEventListener("click", () => {
  settings.hidden = !settings.hidden;
  showSettings.setAttribute("aria-expanded", String(!settings.hidden));
});
document.getElementById("show-help").addEventListener("click", toggleHelp);
for (const button of document.querySelectorAll("[data-set-language]")) {
  button.addEventListener("click", () => remember("language", button.dataset.setLanguage));
}
for (const button of document.querySelectorAll("[data-set-theme]")) {
  button.addEventListener("click", () => remember("theme", button.dataset.setTheme));
}

const everywhere = word("workbench_keys.everywhere");
registerKeys([
  { keys: ["?"], label: word("workbench_keys.help"), group: everywhere, run: toggleHelp },
  ...[...document.querySelectorAll("a[data-keys]")].map((link) => ({
    keys: link.dataset.keys.split(","),
    label: link.textContent.trim(),
    group: link.closest("nav") ? everywhere : word("workbench_keys.this_page"),
    run: () => link.click(),
  })),
]);

// A call page sends its own; from any other page go those that an earlier call page could not send.
const { store, reviewer } = document.body.dataset;
if (reviewer && !document.body.classList.contains("reviewing")) sendWaiting({ store, reviewer });
