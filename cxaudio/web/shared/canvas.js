// Canvases that are sharp on every screen, and the colours they are drawn with.

import { make } from "./elements.js";

const COLOURS = ["paper", "ink", "ink-2", "ink-3", "rule", "rule-2", "wash", "agent", "agent-ink", "customer", "customer-ink", "alarm",
  "alarm-ink", "purple", "green", "zone"];

/** Return the colours and the font of the page's style sheet, as they are under a light or dark element. */
export function inkOf(element) {
  const style = getComputedStyle(element);
  const ink = Object.fromEntries(COLOURS.map((name) => [name.replace("-", "_"), style.getPropertyValue("--" + name).trim()]));
  return { ...ink, font: style.fontFamily };
}

/** Size a canvas for the screen and return its context, which counts in pixels of the page. */
export function penOn(canvas, width, height, { detached = false, scale = Math.min(3, window.devicePixelRatio || 1) } = {}) {
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    if (!detached) canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  return pen;
}

/** Make a small canvas with one sign, for the legend and the tables; its `drawSign` draws it again in new colours. */
export function signCanvas(width, height, draw) {
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
