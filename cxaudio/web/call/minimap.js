// The whole call in small, under the timeline.

import { SIDES, duration, end, flags, present, pyramids } from "./call.js";
import { rowFor } from "./levels.js";

export const MINIMAP_HEIGHT = 34; // pixels

/** Draw the speech of both sides about a middle line, and the flags above it. */
export function paintMinimap(pen, ink, layout) {
  const height = MINIMAP_HEIGHT;
  const { left, right } = layout;
  const perSecond = (right - left) / duration;
  const middle = height / 2 + 2;
  const room = height / 2 - 6;
  pen.fillStyle = ink.wash;
  pen.fillRect(left, 0, right - left, height);
  for (const side of SIDES.filter(present)) {
    const row = rowFor(pyramids[side], 1 / perSecond);
    pen.fillStyle = ink[side];
    const path = new Path2D();
    for (let px = left; px < right; px += 1) {
      const first = Math.floor((px - left) / perSecond / row.step);
      const last = Math.min(row.share.length - 1, Math.max(first, Math.ceil((px + 1 - left) / perSecond / row.step) - 1));
      let share = 0;
      for (let i = first; i <= last; i += 1) share += row.share[i];
      const tall = (share / Math.max(1, last - first + 1)) * room;
      if (tall > 0.3) path.rect(px, side === "agent" ? middle - tall : middle, 1, tall);
    }
    pen.globalAlpha = 0.75;
    pen.fill(path);
    pen.globalAlpha = 1;
  }
  for (const flag of flags) {
    if (flag.severity === "note") continue;
    const x0 = left + flag.start * perSecond;
    pen.fillStyle = ink.alarm;
    pen.fillRect(x0, 0, Math.max(3, (end(flag) - flag.start) * perSecond), flag.severity === "severe" ? 5 : 3);
  }
}
