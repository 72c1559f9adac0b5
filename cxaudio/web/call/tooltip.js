// What stands beside the pointer: the thing under it with its evidence, or the readings of that instant.

const flagRows = (flag) => [
  [t("column.start"), `${clock(flag.start, true)} – ${known(flag.end) ? clock(flag.end, true) : DASH}`],
  [t("column.duration"), seconds(lengthOf(flag))],
  [t("column.measured"), measure(flag.measured, flag.unit)],
  [t("column.limit"), measure(flag.limit, flag.unit)],
  [t("column.decided_at"), clock(flag.decided_at, true)],
  ...(flag.steps || []).slice(1).map((step) => [t("severity." + step.severity), `${clock(step.at, true)} · ${measure(step.measured, step.unit ?? flag.unit)}`]),
  ...evidenceRows(flag.evidence),
];

function overlapLabels(overlap) {
  return [
    overlap.floor_taken ? t("outcome.floor_taken") : overlap.kind === "butt_in" ? t("outcome.floor_kept") : "",
    overlap.competitive ? t("outcome.competitive") : "",
    overlap.latency_suspect ? t("outcome.latency_suspect") : "",
  ].filter(Boolean).join(", ");
}

function overlapRows(overlap) {
  const rows = [
    [t("column.start"), `${clock(overlap.start, true)} · ${seconds(lengthOf(overlap), 2)}`],
    [t("column.entrant"), sideWord(overlap.entrant)],
    [t("column.holder"), sideWord(overlap.holder)],
  ];
  if (overlap.yielded) rows.push([t("column.yielded"), `${sideWord(overlap.yielded)}${known(overlap.yield_delay_s) ? " · " + seconds(overlap.yield_delay_s, 2) : ""}`]);
  if (known(overlap.resumed_after_s)) rows.push([t("column.resumed"), seconds(overlap.resumed_after_s)]);
  if (known(overlap.level_rise_db)) rows.push([t("column.level_rise"), unit("db", overlap.level_rise_db)]);
  const labels = overlapLabels(overlap);
  if (labels) rows.push([t("column.labels"), labels]);
  rows.push([t("column.decided_at"), clock(overlap.decided_at, true)]);
  return rows;
}

function readings(s) {
  const rows = [];
  for (const side of SIDES.filter(present)) {
    const level = levelAt(side, s);
    const rate = rateAt(side, s);
    const words = [];
    if (known(level)) words.push(unit("dbov", level, 0));
    if (rate) words.push(`${unit("syllables_per_s", rate.rate)}${known(rate.error) ? ` ± ${num(rate.error)}` : ""}`);
    rows.push([SideWord(side), words.join(" · ") || DASH]);
  }
  if (twoSided) {
    const [agent, customer] = SIDES.map((side) => rateAt(side, s));
    if (agent && customer) rows.push([t("evidence.ratio"), measure(agent.rate / customer.rate, "ratio")]);
    const tempo = tempoAt(s);
    if (tempo) rows.push([t("lane.tempo"), t("tempo." + tempo.state)]);
  }
  return rows;
}

/** Title, a line on its meaning, and rows for what lies under the pointer. */
function described(hit, s) {
  const { kind, item } = hit || { kind: "voice" };
  switch (kind) {
    case "flag": return { title: `${t("rule." + item.rule)} · ${t("severity." + item.severity)}`, note: has("rule_meaning." + item.rule) ? t("rule_meaning." + item.rule) : "", rows: flagRows(item) };
    case "overlap": return { title: t("overlap." + item.kind), note: has("overlap_meaning." + item.kind) ? t("overlap_meaning." + item.kind) : "", rows: overlapRows(item) };
    case "silence": return { title: t("silence." + (item.owed_by || "nobody")), rows: [[t("column.start"), clock(item.start, true)], [t("column.duration"), seconds(lengthOf(item))]] };
    case "hold": return { title: holdWord(item), rows: [[t("column.start"), clock(item.start, true)], [t("column.duration"), seconds(lengthOf(item))]] };
    case "dropout": return { title: t("legend.dropout"), rows: [[t("column.start"), clock(item.start, true)], [t("column.duration"), seconds(lengthOf(item), 2)], [t("column.side"), sideWord(item.side)]] };
    case "nudge": return { title: `“${nudgeText(item)}”`, note: t("legend.nudge"), rows: [[t("column.shown_at"), clock(item.shown_at, true)], [t("column.gone_at"), clock(item.gone_at, true)], ...evidenceRows(item.evidence)] };
    case "tempo": return { title: `${t("lane.tempo")}: ${t("tempo." + item.state)}`, rows: [[t("column.start"), clock(item.start, true)], [t("column.end"), clock(item.end, true)], ...evidenceRows(item.evidence)] };
    default: return { title: clock(s, true), rows: readings(s) };
  }
}

function fillTooltip(box, hit, s) {
  const { title, note, rows } = described(hit, s);
  box.replaceChildren(make("b", {}, title), ...(note ? [make("p", {}, note)] : []),
    make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])));
}

/** The thing at a point; small things win over those they lie on, and what is in front wins over what is behind. */
function hitAt(hits, x, y) {
  const under = hits.filter((hit) => x >= hit.x0 && x <= hit.x1 && y >= hit.y0 && y < hit.y1);
  const rank = (hit) => (hit.item ? (hit.minor ? 1 : hit.kind === "hold" ? 1 : 2) : 0);
  return under.reduce((best, hit) => (!best || rank(hit) >= rank(best) ? hit : best), null);
}
