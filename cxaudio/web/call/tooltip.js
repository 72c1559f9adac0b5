// The box beside the pointer.

import { described } from "./descriptions.js";
import { make } from "../shared/elements.js";

/** Fill the box with what is known of the thing under the pointer, or of the instant `s`. */
export function fillTooltip(box, hit, s) {
  const { title, note, rows } = described(hit, s);
  box.replaceChildren(make("b", {}, title), ...(note ? [make("p", {}, note)] : []),
    make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])));
}
