// Made by "npm run bundle" from sources sha256:89fee9e91c577912e6c3179d5b89e8b7d1512b795fd513efa77402fa4dd7d12f; what follows is sha256:23c45a8ebab3fb13b682eec37c17bc5b3ce5529855f7e5c7a36e7e547c5371dd
"use strict";
(() => {
  // cxaudio/web/hud/display.js
  var SIDES = ["agent", "customer"];
  var NO_VIEW = {
    state: "connecting",
    in_call: false,
    recording: false,
    snoozed_min: 0,
    troubles: [],
    wait: null,
    hold: null,
    nudge: null,
    sides: SIDES.map(() => ({ level: 0, speaking: false, heard: true, rate: null })),
    pace: { word: "unknown", ratio: null, share: null, tempo: "unknown", minded: false }
  };
  var shownState = (view, connection) => connection === "open" || view.state === "stopped" ? view.state : connection;
  function stateText(state, view, t2) {
    if (state !== "trouble") return t2(`hud.${state}`);
    const missing = SIDES.filter((side, k) => !view.sides[k].heard);
    if (!missing.length) return t2("hud.trouble_quality");
    return t2(missing.length === 1 ? `hud.trouble_${missing[0]}` : "hud.trouble_both");
  }
  function sideRow(side, now2, { live, still, steps, characters, t: t2 }) {
    const missing = live && !now2.heard;
    const speaking = live && now2.speaking;
    const name = side === "agent" ? speaking ? "you_speak" : "you" : speaking ? "customer_speaks" : "customer";
    const level = !live ? 0 : still ? speaking ? steps : 0 : now2.level;
    const row = { received: !missing, speaking, shape: missing ? "missing" : speaking ? "speaking" : "silent", bar: level / steps, rate: "", title: "" };
    row.who = missing ? `${t2(`hud.${name}`)} · ${t2("hud.not_heard")}` : t2(`hud.${name}`);
    if (!now2.heard) return row;
    if (now2.rate === null) return { ...row, rate: t2("hud.rate_unknown") };
    const syllables = now2.rate.toFixed(1);
    row.rate = characters ? t2("hud.characters", { n: String(10 * Math.round(6 * now2.rate)) }) : t2("hud.rate", { n: syllables });
    row.title = t2("hud.rate_title", { n: syllables });
    return row;
  }
  var scalePlace = (ratio) => Math.min(98, Math.max(2, 100 * (Math.log2(ratio) / 2 + 0.5)));
  function shareText(pace, t2) {
    const share = pace.share === null ? "" : t2("hud.share", { n: Math.round(100 * pace.share) });
    const tempo = ["hurried", "relaxed"].includes(pace.tempo) ? t2(`hud.tempo_${pace.tempo}`) : "";
    return [share, tempo].filter(Boolean).join(" · ");
  }
  function troubleText([first, ...others], t2) {
    const text = t2(`hud.${first.kind}`, { device: first.device });
    return others.length ? t2("hud.more_troubles", { text, n: others.length }) : text;
  }
  function bandOf(state, view, { failure, nudgeText: nudgeText2, t: t2 }) {
    if (failure) return { kind: "trouble", message: failure };
    if (["paused", "stopped"].includes(state)) return { kind: "plain", message: t2(`hud.${state}_detail`) };
    if (["offline", "locked"].includes(state)) return { kind: "trouble", message: t2(`hud.${state}_detail`) };
    if (state === "trouble" && view.troubles.length) return { kind: "trouble", message: troubleText(view.troubles, t2) };
    if (view.nudge) return { kind: view.nudge.positive ? "praise" : "nudge", message: nudgeText2(view.nudge.key) };
    if (view.troubles.length) return { kind: "trouble", message: troubleText(view.troubles, t2) };
    if (view.wait) return { kind: view.wait.late ? "late" : "wait", counter: t2(`hud.wait_${view.wait.owed_by}`, { n: view.wait.seconds }) };
    if (view.hold && state === "listening") return { kind: "hold", message: t2("hud.hold_found") };
    if (view.snoozed_min) return { kind: "plain", counter: t2("hud.snoozed", { n: view.snoozed_min }) };
    return { kind: "none" };
  }
  function enabledButtons(state, view, connection) {
    const open = connection === "open" && state !== "stopped";
    const unpaused = open && state !== "paused";
    return { pause: open, hold: unpaused && view.in_call, snooze: open, start: unpaused && !view.in_call, end: open && view.in_call };
  }

  // cxaudio/web/shared/filled.js
  function filled(text, values = {}) {
    return text.replace(/\{(\w+)\}/g, (braces, name) => Object.hasOwn(values, name) ? String(values[name] ?? braces) : braces);
  }

  // cxaudio/web/hud/facts.js
  var facts = JSON.parse(document.getElementById("facts").textContent);
  var shown = facts.language;
  var language = () => shown;
  function setLanguage(name) {
    shown = name;
  }
  var t = (key, values = {}) => filled(facts.texts[shown][key] ?? key, values);
  var nudgeText = (key) => facts.words[key] ?? t(key);

  // cxaudio/web/hud/shapes.js
  var RING = "M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1zM8 3a5 5 0 1 1 0 10A5 5 0 1 1 8 3z";
  var DISC = "M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1z";
  var BARS = "M3 2h4v12H3zM9 2h4v12H9z";
  var TRIANGLE = "M8 1l7.5 14H.5zM7.1 6v4.6h1.8V6zM7.1 11.8v1.7h1.8v-1.7z";
  var CROSS = "M2 3.4L3.4 2 8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8z";
  var BUBBLE = "M1 2h14v9H7l-4 4v-4H1z";
  var HOLLOW_BUBBLE = BUBBLE + "M2.5 3.5v6h2v2l2-2h7v-6z";
  var HOURGLASS = "M3 1h10v3L9.2 8 13 12v3H3v-3L6.8 8 3 4zM5 2.6v1L8 7l3-3.4v-1z";
  var SHAPES = {
    connecting: RING,
    waiting: RING,
    listening: DISC,
    on_hold: RING + "M8 3a5 5 0 0 0 0 10z",
    paused: BARS,
    stopped: "M2 2h12v12H2z",
    trouble: TRIANGLE,
    offline: CROSS,
    locked: CROSS,
    play: "M3 1.5L14 8 3 14.5z",
    more: "M1.5 6.5h3v3h-3zM6.5 6.5h3v3h-3zM11.5 6.5h3v3h-3z",
    recording: RING + "M8 5a3 3 0 1 0 0 6A3 3 0 1 0 8 5z",
    speaking: BUBBLE,
    silent: HOLLOW_BUBBLE,
    missing: CROSS,
    unknown: RING,
    in_step: "M1 5h14v2H1zM1 9h14v2H1z",
    faster: "M3 2l7 6-7 6z",
    much_faster: "M1 2l7 6-7 6zM8 2l7 6-7 6z",
    slower: "M13 2L6 8l7 6z",
    much_slower: "M15 2L8 8l7 6zM8 2L1 8l7 6z",
    nudge: "M1 6h7V2l7 6-7 6v-4H1z",
    praise: "M1.5 8.5L3 7l3.2 3.2L13 3.4l1.5 1.5-8.3 8.3z",
    wait: HOURGLASS,
    late: HOURGLASS,
    hold: RING + "M8 3a5 5 0 0 0 0 10z",
    plain: "M7 2h2v2H7zM7 6h2v8H7z"
  };

  // cxaudio/web/hud/elements.js
  var hud = document.getElementById("hud");
  var find = (selector) => hud.querySelector(selector);
  function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }
  function setAttribute(node, name, value) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
  function setFlag(node, name, on) {
    if (node.hasAttribute(name) !== on) node.toggleAttribute(name, on);
  }
  function setShape(node, name) {
    setAttribute(node.querySelector("path"), "d", SHAPES[name] ?? "");
  }
  function drawTexts() {
    for (const root of [document, hud]) {
      for (const node of root.querySelectorAll("[data-t]")) setText(node, t(node.dataset.t));
      for (const node of root.querySelectorAll("[data-t-label]")) setAttribute(node, "aria-label", t(node.dataset.tLabel));
    }
    setAttribute(hud, "aria-label", t("hud.display"));
    for (const page of [document, hud.ownerDocument]) {
      setAttribute(page.documentElement, "lang", t("language.html"));
      page.title = t("hud.title");
    }
  }

  // cxaudio/web/hud/state.js
  var now = {
    view: NO_VIEW,
    connection: "connecting",
    // or "open", "offline", "locked"
    failure: ""
    // text of a request that failed
  };

  // cxaudio/web/hud/draw.js
  var reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  function draw() {
    const { view, connection, failure } = now;
    const state = shownState(view, connection);
    setAttribute(hud, "data-state", state);
    setAttribute(hud, "data-sound-missing", view.sides.some((side) => !side.heard));
    const sign = find(".sign");
    setShape(sign, state);
    setText(sign.querySelector(".state"), stateText(state, view, t));
    setFlag(find(".recording"), "hidden", !(connection === "open" && view.recording));
    setShape(find(".recording"), "recording");
    drawButtons(state, view, connection);
    const options = { live: connection === "open", still: reducedMotion.matches, steps: facts.level_steps, characters: facts.characters, t };
    SIDES.forEach((side, k) => drawSide(find(`[data-side="${side}"]`), sideRow(side, view.sides[k], options)));
    drawPace(view.pace);
    drawBand(bandOf(state, view, { failure, nudgeText, t }));
  }
  function drawButtons(state, view, connection) {
    const enabled = enabledButtons(state, view, connection);
    const paused = state === "paused";
    const pause = find(".pause");
    setShape(pause, paused ? "play" : "paused");
    setText(pause.querySelector("span"), t(paused ? "hud.resume" : "hud.pause"));
    setFlag(pause, "disabled", !enabled.pause);
    const more = find(".more");
    const closed = find("#menu").hidden;
    setShape(more, closed ? "more" : "offline");
    setAttribute(more, "aria-label", t(closed ? "hud.more" : "hud.close"));
    setText(find('[data-request="hold"]'), t(state === "on_hold" ? "hud.hold_end" : "hud.hold"));
    setText(find('[data-request="snooze"]'), t(view.snoozed_min ? "hud.snooze_end" : "hud.snooze"));
    setFlag(find('[data-request="hold"]'), "disabled", !enabled.hold);
    setFlag(find('[data-request="snooze"]'), "disabled", !enabled.snooze);
    setFlag(find('[data-request="call/start"]'), "disabled", !enabled.start);
    setFlag(find('[data-request="call/end"]'), "disabled", !enabled.end);
  }
  function drawSide(node, row) {
    setAttribute(node, "data-speaking", row.speaking);
    setAttribute(node, "data-received", row.received);
    setShape(node, row.shape);
    setText(node.querySelector(".who"), row.who);
    node.querySelector(".bar i").style.transform = `scaleX(${row.bar})`;
    const rate = node.querySelector(".rate");
    setText(rate, row.rate);
    setAttribute(rate, "title", row.title);
  }
  function drawPace(pace) {
    const box = find(".pace");
    setAttribute(box, "data-pace", pace.word);
    setAttribute(box, "data-minded", pace.minded);
    setShape(box.querySelector(".word"), pace.word);
    setText(box.querySelector(".word span"), t(`hud.pace_${pace.word}`));
    setText(box.querySelector(".share"), shareText(pace, t));
    if (pace.ratio === null) return;
    const [zone, mark] = [box.querySelector(".zone"), box.querySelector(".mark")];
    setAttribute(zone, "x1", scalePlace(facts.zone[0]));
    setAttribute(zone, "x2", scalePlace(facts.zone[1]));
    setAttribute(mark, "x1", scalePlace(pace.ratio));
    setAttribute(mark, "x2", scalePlace(pace.ratio));
  }
  function drawBand({ kind, message = "", counter = "" }) {
    const band = find(".band");
    setAttribute(band, "data-kind", kind);
    setShape(band, kind);
    setText(band.querySelector(".message"), message);
    setText(band.querySelector(".counter"), counter);
  }

  // cxaudio/web/hud/requests.js
  var SNOOZE_S = 600;
  var FAILURE_MS = 5e3;
  var failureTimer = 0;
  var post = (path, body) => fetch(path, { method: "POST", credentials: "same-origin", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  async function send(request, body = {}) {
    try {
      const answer = await post(`/hud/${request}`, body);
      if (!answer.ok) throw new Error(String(answer.status));
      showFailure("");
    } catch {
      showFailure(t("hud.failed"));
    }
  }
  function showFailure(text) {
    clearTimeout(failureTimer);
    now.failure = text;
    if (text) failureTimer = setTimeout(() => showFailure(""), FAILURE_MS);
    draw();
  }
  var requests = {
    pause: () => send(now.view.state === "paused" ? "resume" : "pause"),
    hold: () => send("hold", { on: now.view.state !== "on_hold" }),
    snooze: () => send("snooze", { seconds: now.view.snoozed_min ? 0 : SNOOZE_S }),
    "call/start": () => send("call/start"),
    "call/end": () => send("call/end")
  };

  // cxaudio/web/hud/stream.js
  var SILENT_MS = 3500;
  var connectionAfterLoss = (answered, refused) => answered && refused ? "locked" : "offline";
  var isOverdue = ({ connection, view }, silentMs) => connection === "open" && view.state !== "stopped" && silentMs > SILENT_MS;
  var withoutNudge = (view) => ({ ...view, nudge: null });
  var withoutTimes = (view) => ({ ...view, nudge: null, wait: null });

  // cxaudio/web/hud/connection.js
  var GRACE_MS = 1500;
  var RETRY_MS = 2e3;
  var CHECK_MS = 500;
  var source = null;
  var lastSign = 0;
  var lostTimer = 0;
  var nudgeTimer = 0;
  async function enter() {
    const token = location.hash.slice(1);
    if (token) {
      history.replaceState(null, "", location.pathname);
      try {
        await post("/hud/session", { token });
      } catch {
      }
    }
    connect();
  }
  function connect() {
    source?.close();
    source = new EventSource("/hud/stream");
    source.onmessage = (event) => {
      signOfLife();
      now.view = JSON.parse(event.data);
      watchNudge();
      draw();
    };
    source.addEventListener("beat", signOfLife);
    source.onerror = () => {
      if (now.view.state === "stopped") {
        source.close();
        return;
      }
      clearTimeout(lostTimer);
      lostTimer = setTimeout(lost, GRACE_MS);
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
    };
  }
  function signOfLife() {
    lastSign = performance.now();
    clearTimeout(lostTimer);
    if (now.connection === "open") return;
    now.connection = "open";
    draw();
  }
  async function lost() {
    let answered = false;
    try {
      answered = (await fetch(location.pathname, { cache: "no-store" })).ok;
    } catch {
    }
    if (performance.now() - lastSign < GRACE_MS) return;
    now.connection = connectionAfterLoss(answered, source.readyState === EventSource.CLOSED);
    now.view = withoutTimes(now.view);
    draw();
  }
  function watchConnection() {
    setInterval(() => {
      if (isOverdue(now, performance.now() - lastSign)) lost();
    }, CHECK_MS);
  }
  function watchNudge() {
    clearTimeout(nudgeTimer);
    if (!now.view.nudge) return;
    nudgeTimer = setTimeout(() => {
      now.view = withoutNudge(now.view);
      draw();
    }, 1e3 * now.view.nudge.left_s + 1e3);
  }

  // cxaudio/web/hud/menu.js
  var BUTTONS = { p: ".pause", h: '[data-request="hold"]', n: '[data-request="snooze"]' };
  var menuIsOpen = () => !find("#menu").hidden;
  function showMenu(open) {
    find("#menu").hidden = !open;
    setAttribute(find(".more"), "aria-expanded", open);
    draw();
    (open ? find("#menu button:enabled") ?? find("#menu select") : find(".more")).focus();
  }
  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.target.closest?.("select")) return;
    const key = event.key.toLowerCase();
    if (Object.hasOwn(BUTTONS, key)) find(BUTTONS[key]).click();
    else if (key === "m") showMenu(!menuIsOpen());
    else if (key === "escape" && menuIsOpen()) showMenu(false);
    else return;
    event.preventDefault();
  }

  // cxaudio/web/hud/own_window.js
  var pictureInPicture = window.documentPictureInPicture;
  async function openOwnWindow() {
    showMenu(false);
    const own = await pictureInPicture.requestWindow({ width: 320, height: 200 });
    own.document.head.append(document.querySelector("style").cloneNode(true));
    own.document.documentElement.dataset.theme = document.documentElement.dataset.theme;
    own.document.body.append(hud);
    document.getElementById("own-window-note").hidden = false;
    own.document.addEventListener("keydown", onKey);
    own.addEventListener("pagehide", () => {
      document.body.prepend(hud);
      document.getElementById("own-window-note").hidden = true;
    });
    drawTexts();
  }

  // cxaudio/web/hud/page.js
  function setTheme(theme) {
    for (const page of [document, hud.ownerDocument]) {
      if (theme === "auto") delete page.documentElement.dataset.theme;
      else page.documentElement.dataset.theme = theme;
    }
  }
  var languages = find(".language");
  for (const [name, label] of Object.entries(facts.languages)) {
    const option = new Option(label, name, name === language(), name === language());
    option.lang = name;
    languages.append(option);
  }
  languages.addEventListener("change", () => {
    setLanguage(languages.value);
    drawTexts();
    draw();
  });
  find(".theme").addEventListener("change", (event) => setTheme(event.target.value));
  find(".pause").addEventListener("click", requests.pause);
  find(".more").addEventListener("click", () => showMenu(!menuIsOpen()));
  for (const button of hud.querySelectorAll("[data-request]")) {
    button.addEventListener("click", () => {
      requests[button.dataset.request]();
      if (menuIsOpen()) showMenu(false);
    });
  }
  if (pictureInPicture) {
    find(".own-window").hidden = false;
    find(".own-window").addEventListener("click", () => openOwnWindow().catch(() => showFailure(t("hud.own_window_failed"))));
  }
  document.addEventListener("keydown", onKey);
  reducedMotion.addEventListener("change", draw);
  drawTexts();
  draw();
  enter();
  watchConnection();
})();
