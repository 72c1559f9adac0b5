// The signs of the timeline, by kind. Each has a shape of its own, so that colour is never the only difference.

export const OVERLAP_COLOUR = {
  interruption: "alarm", butt_in: "alarm", pause_cut_in: "purple", early_reply: "green", simultaneous_start: "ink_2", backchannel: "ink_3",
};
// In the order of drawing: the most important kind comes last, above the others.
export const OVERLAP_ORDER = ["backchannel", "simultaneous_start", "early_reply", "pause_cut_in", "butt_in", "interruption"];

/** Draw the sign of an overlap at (x, y); `down` where the side that came in is drawn above the side that spoke. */
export function overlapSign(pen, ink, kind, x, y, r, down) {
  const colour = ink[OVERLAP_COLOUR[kind]] || ink.ink_2;
  const s = down ? 1 : -1;
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  pen.lineJoin = "round";
  pen.beginPath();
  switch (kind) {
    case "interruption": // a full wedge that points at the other side's speech
    case "butt_in": // an empty wedge: the other side kept the floor
      pen.moveTo(x - r, y - s * r * 0.8);
      pen.lineTo(x + r, y - s * r * 0.8);
      pen.lineTo(x, y + s * r);
      pen.closePath();
      if (kind === "interruption") pen.fill();
      else {
        pen.fillStyle = ink.paper;
        pen.fill();
      }
      pen.stroke();
      break;
    case "pause_cut_in": // a wedge between two posts
      pen.moveTo(x - r, y - r * 0.9);
      pen.lineTo(x - r, y + r * 0.9);
      pen.moveTo(x + r, y - r * 0.9);
      pen.lineTo(x + r, y + r * 0.9);
      pen.stroke();
      pen.beginPath();
      pen.moveTo(x - r * 0.55, y - s * r * 0.7);
      pen.lineTo(x + r * 0.55, y - s * r * 0.7);
      pen.lineTo(x, y + s * r * 0.7);
      pen.closePath();
      pen.fill();
      break;
    case "early_reply": // a full disc
      pen.arc(x, y, r * 0.72, 0, 2 * Math.PI);
      pen.fill();
      break;
    case "simultaneous_start": // two equal strokes
      pen.lineWidth = 2.2;
      pen.moveTo(x - r * 0.4, y - r * 0.85);
      pen.lineTo(x - r * 0.4, y + r * 0.85);
      pen.moveTo(x + r * 0.4, y - r * 0.85);
      pen.lineTo(x + r * 0.4, y + r * 0.85);
      pen.stroke();
      break;
    default: // backchannel: a small ring
      pen.lineWidth = 1.3;
      pen.arc(x, y, r * 0.5, 0, 2 * Math.PI);
      pen.stroke();
  }
}

/** Draw the sign of a severity: an empty ring, one diamond, two diamonds. */
export function severitySign(pen, ink, severity, x, y, r) {
  pen.lineWidth = 1.5;
  pen.lineJoin = "miter";
  if (severity === "note") {
    pen.strokeStyle = ink.ink_2;
    pen.fillStyle = ink.paper;
    pen.beginPath();
    pen.arc(x, y, r * 0.66, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
    return;
  }
  pen.fillStyle = ink.alarm;
  pen.strokeStyle = ink.paper;
  for (const shift of severity === "severe" ? [0, r * 1.5] : [0]) {
    pen.beginPath();
    pen.moveTo(x + shift - r, y);
    pen.lineTo(x + shift, y - r);
    pen.lineTo(x + shift + r, y);
    pen.lineTo(x + shift, y + r);
    pen.closePath();
    pen.fill();
    pen.stroke();
  }
}

/** Draw the sign of a nudge: a small speech bubble. */
export function nudgeSign(pen, ink, x, y, r) {
  pen.strokeStyle = ink.ink_2;
  pen.fillStyle = ink.paper;
  pen.lineWidth = 1.4;
  pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(x - r, y - r * 0.8);
  pen.lineTo(x + r, y - r * 0.8);
  pen.lineTo(x + r, y + r * 0.4);
  pen.lineTo(x - r * 0.1, y + r * 0.4);
  pen.lineTo(x - r * 0.6, y + r);
  pen.lineTo(x - r * 0.6, y + r * 0.4);
  pen.lineTo(x - r, y + r * 0.4);
  pen.closePath();
  pen.fill();
  pen.stroke();
}

/** Fill a rectangle with strokes, slanted one way for the agent (1), the other way for the customer (-1), or with dots (0). */
export function hatch(pen, x, y, width, height, colour, slant, gap = 5) {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.lineWidth = 1.2;
  pen.beginPath();
  if (slant === 0) {
    for (let a = x + gap / 2; a < x + width; a += gap) for (let b = y + gap / 2; b < y + height; b += gap) pen.rect(a - 0.8, b - 0.8, 1.6, 1.6);
    pen.fill();
  } else {
    // All strokes are on one grid of the page, so that they do not move while the view moves little.
    for (let a = Math.floor((x - height) / gap) * gap; a < x + width + height; a += gap) {
      pen.moveTo(a, slant > 0 ? y + height : y);
      pen.lineTo(a + height, slant > 0 ? y : y + height);
    }
    pen.stroke();
  }
  pen.restore();
}

/** Draw the texture of the customer's tempo, a different one for each state. */
export function tempoTexture(pen, ink, state, x, y, width, height) {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.strokeStyle = ink.customer;
  pen.lineWidth = 1.2;
  const middle = y + height / 2;
  pen.beginPath();
  if (state === "hurried") {
    for (let a = x + 3; a < x + width + 6; a += 7) {
      pen.moveTo(a - 3, middle - 4);
      pen.lineTo(a, middle);
      pen.lineTo(a - 3, middle + 4);
    }
  } else if (state === "relaxed") {
    pen.moveTo(x, middle);
    for (let a = x; a < x + width + 24; a += 24) {
      pen.bezierCurveTo(a + 6, middle - 5, a + 6, middle - 5, a + 12, middle);
      pen.bezierCurveTo(a + 18, middle + 5, a + 18, middle + 5, a + 24, middle);
    }
  } else if (state === "neutral") {
    pen.moveTo(x, middle);
    pen.lineTo(x + width, middle);
  } else {
    pen.strokeStyle = ink.ink_3;
    pen.setLineDash([1, 5]);
    pen.moveTo(x, middle);
    pen.lineTo(x + width, middle);
  }
  pen.stroke();
  pen.restore();
}

/** Draw a stretch that is left out of the figures: a grey box with a dashed edge. */
export function leftOutBox(pen, ink, { x0, x1, y0, y1 }) {
  pen.fillStyle = ink.paper;
  pen.globalAlpha = 0.6;
  pen.fillRect(x0, y0, x1 - x0, y1 - y0);
  pen.globalAlpha = 0.16;
  pen.fillStyle = ink.ink_3;
  pen.fillRect(x0, y0, x1 - x0, y1 - y0);
  pen.globalAlpha = 1;
  pen.strokeStyle = ink.ink_3;
  pen.lineWidth = 1;
  pen.setLineDash([4, 3]);
  pen.strokeRect(x0 + 0.5, y0 + 0.5, x1 - x0 - 1, y1 - y0 - 1);
  pen.setLineDash([]);
}

/** Draw a stretch whose sound was lost: crossed strokes. */
export function lostBox(pen, ink, { x0, x1, y0, y1 }) {
  pen.fillStyle = ink.paper;
  pen.fillRect(x0, y0, x1 - x0, y1 - y0);
  hatch(pen, x0, y0, x1 - x0, y1 - y0, ink.ink_2, 1, 4);
  hatch(pen, x0, y0, x1 - x0, y1 - y0, ink.ink_2, -1, 4);
}

/** Draw a sound of the line: a thin bar of upright strokes. */
export function lineSoundBar(pen, ink, x, y, width, height) {
  pen.fillStyle = ink.ink_3;
  pen.globalAlpha = 0.8;
  for (let a = 0; a < width; a += 3) pen.fillRect(x + a, y, Math.min(1.6, width - a), height);
  pen.globalAlpha = 1;
}
