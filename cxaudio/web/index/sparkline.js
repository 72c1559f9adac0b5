// The small picture of a call: the agent's speech upwards, the customer's downwards, holds as boxes, flags as bars above.

import { N_PARTS } from "./calls.js";

export const SIZE = { width: 180, height: 28 };

const TOP = 6; // flags stand above it
const MIDDLE = 17;
const BAR = 9;

/** Return runs of equal letters as { letter, from, to }, in parts. */
export function runs(letters) {
  const found = [];
  for (let k = 0; k < letters.length; k += 1) {
    const last = found.at(-1);
    if (last && last.letter === letters[k]) last.to = k + 1;
    else found.push({ letter: letters[k], from: k, to: k + 1 });
  }
  return found;
}

/** Draw the picture of a call; letters that are missing leave the line empty. */
export function drawSparkline(pen, ink, letters, flagLetters) {
  const { width } = SIZE;
  const x = (part) => (part * width) / N_PARTS;
  pen.fillStyle = ink.rule;
  pen.fillRect(0, MIDDLE - 0.5, width, 1);
  for (const { letter, from, to } of runs(letters)) {
    const [left, long] = [x(from), x(to) - x(from)];
    if (letter === "a" || letter === "b") {
      pen.fillStyle = ink.agent;
      pen.fillRect(left, MIDDLE - 1 - BAR, long - 0.5, BAR);
    }
    if (letter === "c" || letter === "b") {
      pen.fillStyle = ink.customer;
      pen.fillRect(left, MIDDLE + 1, long - 0.5, BAR);
    }
    if (letter === "h") {
      pen.globalAlpha = 0.18;
      pen.fillStyle = ink.ink_3;
      pen.fillRect(left, MIDDLE - 1 - BAR, long, 2 * BAR + 2);
      pen.globalAlpha = 1;
      pen.strokeStyle = ink.ink_3;
      pen.lineWidth = 1;
      pen.setLineDash([3, 2]);
      pen.strokeRect(left + 0.5, MIDDLE - 0.5 - BAR, Math.max(1, long - 1), 2 * BAR + 1);
      pen.setLineDash([]);
    }
  }
  for (const { letter, from, to } of runs(flagLetters)) {
    if (letter !== "f" && letter !== "s") continue;
    const thick = letter === "s" ? 5 : 2; // thickness, too, tells a severe flag
    pen.fillStyle = letter === "s" ? ink.severe : ink.flag;
    pen.fillRect(x(from), TOP - 1 - thick, Math.max(2, x(to) - x(from) - 0.5), thick);
  }
}
