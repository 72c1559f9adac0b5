// The call's page of the workbench: the report, its sound, and the panel of verdicts.

import { duration, sideTitle } from "../call/call.js";
import { Report } from "../call/report.js";
import { storageOf } from "./browser_storage.js";
import { rememberOpened } from "./opened_call.js";
import { Review } from "./review.js";
import { moveTimelineByKeys, registerCallKeys, registerReviewKeys } from "./review_keys.js";
import { switchIn } from "./review_store.js";
import { HEARD, SidesHeard } from "./sides_heard.js";
import { Waveform } from "./waveform.js";
import { word } from "./words.js";

const $ = (id) => document.getElementById(id);
const given = JSON.parse($("call").textContent);
const storage = storageOf(window);
rememberOpened(window.location.pathname.split("/")[2]);
const waveformShown = switchIn(storage, "waveform", true);

let review = null;
let waveform = null;
const report = new Report({
  onFlag: (flag) => (review ? review.chooseDrawn(flag) : report.playFlag(flag)),
  onDrawn: (view, layout) => {
    if (!waveform) return;
    waveform.left = layout.left;
    waveform.right = layout.width - layout.right;
    waveform.look(view);
  },
  onTime: (s) => waveform?.movePlayhead(s),
});

// --- the waveform, and why there is no sound ---

waveform = new Waveform($("waveform"), {
  address: given.addresses.peaks,
  duration,
  label: word("workbench_call.waveform"),
  names: { agent: sideTitle("agent"), customer: sideTitle("customer") },
  onSeek: (s) => report.seekAndPlay(s),
  onPeaks: ({ warning }) => {
    $("show-waveform").disabled = false;
    $("hint").textContent = warning ?? $("hint").textContent;
    report.timeline.redraw();
  },
  onTrouble: (reason) => {
    report.sayNoSound(word("workbench_call.no_sound", { reason }));
    showWaveform(false);
  },
});
showWaveform(waveformShown.on); // its place is there before it, so that the timeline does not jump

function showWaveform(on) {
  $("waveform").hidden = !on;
  $("show-waveform").setAttribute("aria-pressed", on);
}

const flipWaveform = () => showWaveform(waveformShown.flip());
$("show-waveform").addEventListener("click", flipWaveform);

// --- the verdicts ---

/** Open another call; the page stays as it is until that one is there. */
const openCall = (address) => window.location.assign(address);

if (given.review) review = new Review({ given: { ...given.review, addresses: given.addresses }, storage, report, openCall });

// --- the sides that are heard ---

const heard = new SidesHeard([...report.player.tracks, ...(review ? [review.evidence.track] : [])]);
const hearButtons = document.querySelectorAll("[data-hear]");

function hear(which) {
  heard.hear(which);
  for (const button of hearButtons) button.setAttribute("aria-pressed", button.dataset.hear === which);
}

const hearNext = () => hear(HEARD[(HEARD.indexOf(heard.heard) + 1) % HEARD.length]);
for (const button of hearButtons) button.addEventListener("click", () => hear(button.dataset.hear));
$("speed").addEventListener("change", () => $("speed").blur()); // or else the next keys would choose a speed

report.show();
moveTimelineByKeys(report.timeline);
registerCallKeys({ report, review, hearNext, flipWaveform });
if (review) {
  registerReviewKeys(review);
  review.start();
}
