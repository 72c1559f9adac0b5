// The legend under the timeline.

import { SIDES, facts, flags, inStep, measure, present, rateRange, sideTitle, t, twoSided } from "./call.js";
import { signCanvas } from "../shared/canvas.js";
import { make } from "../shared/elements.js";
import { OVERLAP_ORDER, hatch, leftOutBox, lineSoundBar, lostBox, nudgeSign, overlapSign, severitySign } from "./symbols.js";
import { SEVERITIES } from "./table_columns.js";

/** Make the entries of the legend: those that the timeline of this call shows. */
export function legendEntries() {
  const entry = (draw, text) => make("span", {}, signCanvas(26, 16, draw), text);
  const entries = [
    entry((pen, ink) => {
      pen.fillStyle = ink.agent;
      [4, 9, 12, 8, 11, 6].forEach((tall, k) => pen.fillRect(3 + k * 3.4, 13 - tall, 2.6, tall));
    }, t("legend.speech")),
    entry((pen, ink) => {
      pen.fillStyle = ink.ink_3;
      pen.globalAlpha = 0.35;
      [2, 3, 2, 4, 3, 2].forEach((tall, k) => pen.fillRect(3 + k * 3.4, 13 - tall, 2.6, tall));
      pen.globalAlpha = 1;
    }, t("legend.other_sound")),
  ];
  if (facts.turns.length) {
    entries.push(entry((pen, ink) => {
      pen.fillStyle = ink.agent;
      pen.fillRect(1, 7, 12, 2.4);
      pen.fillRect(15, 7, 10, 2.4);
    }, t("legend.turn")));
  }
  if (twoSided) {
    for (const kind of [...OVERLAP_ORDER].reverse()) {
      if (!facts.overlaps.some((overlap) => overlap.kind === kind)) continue;
      const text = t("overlap." + kind) + (kind === "interruption" ? t("legend.points_at") : "");
      entries.push(entry((pen, ink) => overlapSign(pen, ink, kind, 13, 8, 6, true), text));
    }
    for (const [owed, colour, slant] of [["agent", "agent", 1], ["customer", "customer", -1], ["nobody", "ink_3", 0]]) {
      if (!facts.silences.some((silence) => (silence.owed_by || "nobody") === owed)) continue;
      entries.push(entry((pen, ink) => hatch(pen, 1, 3, 24, 10, ink[colour], slant), t("silence." + owed)));
    }
    for (const severity of SEVERITIES) {
      if (!flags.some((flag) => flag.severity === severity)) continue;
      const x = severity === "severe" ? 9 : 13;
      entries.push(entry((pen, ink) => severitySign(pen, ink, severity, x, 8, 5), t("severity." + severity)));
    }
  }
  if (facts.nudges.length) entries.push(entry((pen, ink) => nudgeSign(pen, ink, 13, 8, 6), t("legend.nudge")));
  if (facts.holds.length) entries.push(entry((pen, ink) => leftOutBox(pen, ink, { x0: 2, x1: 24, y0: 1, y1: 15 }), t("legend.left_out")));
  if (facts.line_sounds.length) entries.push(entry((pen, ink) => lineSoundBar(pen, ink, 2, 6, 22, 4), t("legend.line_sound")));
  if (facts.dropouts.length) entries.push(entry((pen, ink) => lostBox(pen, ink, { x0: 3, x1: 23, y0: 2, y1: 14 }), t("legend.dropout")));
  if (rateRange) {
    for (const side of SIDES.filter(present)) {
      entries.push(entry((pen, ink) => {
        pen.fillStyle = ink[side];
        pen.globalAlpha = 0.22;
        pen.fillRect(1, 3, 24, 10);
        pen.globalAlpha = 1;
        pen.strokeStyle = ink[side];
        pen.lineWidth = 1.8;
        if (side === "customer") pen.setLineDash([6, 3]);
        pen.beginPath();
        pen.moveTo(1, 8);
        pen.lineTo(25, 8);
        pen.stroke();
        pen.setLineDash([]);
      }, t("legend.rate_band", { side: sideTitle(side) })));
    }
    if (twoSided && inStep) {
      entries.push(entry((pen, ink) => {
        pen.fillStyle = ink.zone;
        pen.globalAlpha = 0.22;
        pen.fillRect(1, 3, 24, 10);
        pen.globalAlpha = 1;
      }, t("legend.in_step_zone", { low: measure(inStep.low, "ratio"), high: measure(inStep.high, "ratio") })));
    }
  }
  return entries;
}
