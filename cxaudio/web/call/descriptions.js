// What the page says of a thing: its title, its meaning, and its figures in rows of name and value.

import {
  SIDES, evidenceRows, facts, hasLevels, has, measure, present, pyramids, seconds, sideTitle, sideWord, t, tempoAt, textOr,
  twoSided, unit,
} from "./call.js";
import { levelAt } from "./levels.js";
import { DASH, clock, known, num } from "../shared/numbers.js";
import { rateAt } from "./rates.js";
import { lengthOf } from "./spans.js";

export const holdWord = (hold) => textOr("hold." + hold.kind, t("hold.hold"));
export const holdShort = (hold) => textOr("hold_short." + hold.kind, t("hold_short.hold"));
export const dropoutWord = () => t("notice.dropout");
export const lineSoundShort = (sound) => textOr("line_sound." + sound.kind, t("line_sound.sound"));
export const lineSoundWord = (sound) => t("line_sound.title", { sound: lineSoundShort(sound) });
/** Return the signs for which a stretch of the customer's tempo was named so; empty where none are known. */
export const tempoSigns = (stretch) => (stretch.signs || []).map((sign) => t("tempo_sign." + sign)).join(t("summary.list_comma_plain"));
export const tempoState = (stretch) => (has("tempo." + stretch.state) ? stretch.state : "unknown");

/** Return a flag in a few words: "Rushing 1.48×". */
export const flagTitle = (flag) => `${t("rule." + flag.rule)} ${known(flag.measured) ? measure(flag.measured, flag.unit) : ""}`.trim();

/** Return what the agent was shown: the wording of the settings in force, or else that of this page. */
export function nudgeText(nudge) {
  const key = String(nudge.message_key || nudge.rule || "");
  const own = facts.settings.values?.words?.[key];
  return typeof own === "string" ? own : t(key);
}

/** Return the meaning of a rule or of a kind of overlap; empty where the catalogue has none. */
export const meaningOf = (section, name) => textOr(`${section}_meaning.${name}`, "");

/** Return the figures of a flag, with the steps at which it became more severe. */
export const flagRows = (flag) => [
  [t("column.start"), `${clock(flag.start, true)} – ${known(flag.end) ? clock(flag.end, true) : DASH}`],
  [t("column.duration"), seconds(lengthOf(flag))],
  [t("column.measured"), measure(flag.measured, flag.unit)],
  [t("column.limit"), measure(flag.limit, flag.unit)],
  [t("column.decided_at"), clock(flag.decided_at, true)],
  ...(flag.steps || []).slice(1).map((step) =>
    [t("severity." + step.severity), `${clock(step.at, true)} · ${measure(step.measured, step.unit ?? flag.unit)}`]),
  ...evidenceRows(flag.evidence),
];

/** Return how an overlap ended, and what else is known of it. */
export function overlapLabels(overlap) {
  return [
    overlap.floor_taken ? t("outcome.floor_taken") : overlap.kind === "butt_in" ? t("outcome.floor_kept") : "",
    overlap.competitive ? t("outcome.competitive") : "",
    overlap.latency_suspect ? t("outcome.latency_suspect") : "",
  ].filter(Boolean).join(", ");
}

/** Return the figures of an overlap. */
function overlapRows(overlap) {
  const rows = [
    [t("column.start"), `${clock(overlap.start, true)} · ${seconds(lengthOf(overlap), 2)}`],
    [t("column.entrant"), sideWord(overlap.entrant)],
    [t("column.holder"), sideWord(overlap.holder)],
  ];
  if (overlap.yielded) {
    const delay = known(overlap.yield_delay_s) ? ` · ${seconds(overlap.yield_delay_s, 2)}` : "";
    rows.push([t("column.yielded"), sideWord(overlap.yielded) + delay]);
  }
  if (known(overlap.resumed_after_s)) rows.push([t("column.resumed"), seconds(overlap.resumed_after_s)]);
  if (known(overlap.level_rise_db)) rows.push([t("column.level_rise"), unit("db", overlap.level_rise_db)]);
  const labels = overlapLabels(overlap);
  if (labels) rows.push([t("column.labels"), labels]);
  rows.push([t("column.decided_at"), clock(overlap.decided_at, true)]);
  return rows;
}

/** Return level, rates and tempo at an instant. */
function readings(s) {
  const rows = [];
  for (const side of SIDES.filter(present)) {
    const level = hasLevels(side) ? levelAt(pyramids[side][0], s) : null;
    const rate = rateAt(facts.rates[side], s, facts.holds);
    const words = [];
    if (known(level)) words.push(unit("dbov", level, 0));
    if (rate) words.push(`${unit("syllables_per_s", rate.rate)}${known(rate.error) ? ` ± ${num(rate.error)}` : ""}`);
    rows.push([sideTitle(side), words.join(" · ") || DASH]);
  }
  if (twoSided) {
    const [agent, customer] = SIDES.map((side) => rateAt(facts.rates[side], s, facts.holds));
    if (agent && customer) rows.push([t("evidence.ratio"), measure(agent.rate / customer.rate, "ratio")]);
    const tempo = tempoAt(s);
    if (tempo) rows.push([t("lane.tempo"), t("tempo." + tempo.state)]);
  }
  return rows;
}

const startRow = (item) => [t("column.start"), clock(item.start, true)];
const durationRow = (item, digits) => [t("column.duration"), seconds(lengthOf(item), digits)];

/** Return title, meaning and rows of a drawn thing; of the instant `s` where there is none. */
export function described(hit, s) {
  const { kind, item } = hit || { kind: "voice" };
  switch (kind) {
    case "flag": return {
      title: `${t("rule." + item.rule)} · ${t("severity." + item.severity)}`, note: meaningOf("rule", item.rule), rows: flagRows(item),
    };
    case "overlap": return { title: t("overlap." + item.kind), note: meaningOf("overlap", item.kind), rows: overlapRows(item) };
    case "silence": return { title: t("silence." + (item.owed_by || "nobody")), rows: [startRow(item), durationRow(item)] };
    case "hold": return {
      title: holdWord(item),
      note: t("legend.left_out"),
      rows: [startRow(item), durationRow(item), ...(item.side ? [[t("column.side"), sideWord(item.side)]] : [])],
    };
    case "line_sound": return {
      title: lineSoundWord(item),
      note: t("legend.line_sound"),
      rows: [startRow(item), durationRow(item), [t("column.side"), sideWord(item.side)]],
    };
    case "dropout": return {
      title: t("legend.dropout"), rows: [startRow(item), durationRow(item, 2), [t("column.side"), sideWord(item.side)]],
    };
    case "nudge": return {
      title: `“${nudgeText(item)}”`,
      note: t("legend.nudge"),
      rows: [[t("column.shown_at"), clock(item.shown_at, true)], [t("column.gone_at"), clock(item.gone_at, true)], ...evidenceRows(item.evidence)],
    };
    case "tempo": return {
      title: `${t("lane.tempo")}: ${t("tempo." + item.state)}`,
      rows: [startRow(item), [t("column.end"), clock(item.end, true)], ...(tempoSigns(item) ? [[t("column.signs"), tempoSigns(item)]] : [])],
    };
    default: return { title: clock(s, true), rows: readings(s) };
  }
}
