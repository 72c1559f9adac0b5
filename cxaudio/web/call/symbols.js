// The signs of the timeline. Each kind has a shape of its own, so that colour is never the only difference.

/** Colours as the page's style sheet has them, under a light or dark element. */
function inkOf(element) {
  const style = getComputedStyle(element);
  const ink = {};
  for (const name of ["paper", "sheet", "ink", "ink-2", "ink-3", "rule", "rule-2", "wash", "agent", "agent-ink", "customer",
    "customer-ink", "alarm", "alarm-ink", "purple", "green", "zone", "focus"]) {
    ink[name.replace("-", "_")] = style.getPropertyValue("--" + name).trim();
  }
  ink.font = style.fontFamily;
  return ink;
}

const OVERLAP_COLOUR = {
  interruption: "alarm", butt_in: "alarm", pause_cut_in: "purple", early_reply: "green", simultaneous_start: "ink_2", backchannel: "ink_3",
};
// Drawn in this order: what matters most lies on top.
const OVERLAP_ORDER = ["backchannel", "simultaneous_start", "early_reply", "pause_cut_in", "butt_in", "interruption"];

/** Sign of an overlap at (x, y); `down` where the one who came in sits above the one who spoke. */
function overlapSign(pen, ink, kind, x, y, r, down) {
  const colour = ink[OVERLAP_COLOUR[kind]] || ink.ink_2;
  const s = down ? 1 : -1;
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  pen.lineJoin = "round";
  pen.beginPath();
  switch (kind) {
    case "interruption": // a full wedge into the other's speech
    case "butt_in": // an empty one: it came to nothing
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

/** Sign of a severity: an empty ring, one diamond, two diamonds. */
function severitySign(pen, ink, severity, x, y, r) {
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

/** Sign of a nudge: a small speech bubble. */
function nudgeSign(pen, ink, x, y, r) {
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

/** Slanted strokes over a stretch: one way for the agent, the other for the customer, dots for nobody. */
function hatch(pen, x, y, width, height, colour, slant, gap = 5) {
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
    // Strokes lie on one grid of the page, so that they stay put while the view moves little.
    for (let a = Math.floor((x - height) / gap) * gap; a < x + width + height; a += gap) {
      pen.moveTo(a, slant > 0 ? y + height : y);
      pen.lineTo(a + height, slant > 0 ? y : y + height);
    }
    pen.stroke();
  }
  pen.restore();
}

/** Ribbon of the customer's tempo: each state with a texture of its own. */
function tempoTexture(pen, ink, state, x, y, width, height) {
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

/** A small canvas holding one sign, for the legend and the tables. */
function signCanvas(width, height, draw) {
  const canvas = make("canvas", { "aria-hidden": "true" });
  const scale = Math.max(2, window.devicePixelRatio || 1);
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.drawSign = () => {
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    draw(pen, inkOf(document.documentElement));
  };
  canvas.drawSign();
  return canvas;
}
