// Short messages at the foot of the page; they are read out, and go by themselves.

const place = document.getElementById("messages");
const VISIBLE_MS = 6000;

/** Show a message; one of kind "fault" stays until the next or until it is clicked. */
export function showMessage(text, kind = "done") {
  const line = document.createElement("p");
  line.textContent = text;
  line.className = kind;
  line.addEventListener("click", () => line.remove());
  place.replaceChildren(line);
  if (kind !== "fault") window.setTimeout(() => line.remove(), VISIBLE_MS);
}
