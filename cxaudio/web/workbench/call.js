// The call's page of the workbench: the report, its sound, and the panel of verdicts.

import { Report } from "../call/report.js";
import { Review } from "./review.js";
import { moveTimelineByKeys, registerCallKeys, registerReviewKeys } from "./review_keys.js";
import { HEARD, SidesHeard } from "./sides_heard.js";

const given = JSON.parse(document.getElementById("call").textContent);

let review = null;
const report = new Report({
  onFlag: (flag) => (review ? review.chooseDrawn(flag) : report.playFlag(flag)),
});

/** Open another call; the page stays as it is until that one is there. */
const openCall = (address) => window.location.assign(address);

if (given.review) review = new Review({ given: { ...given.review, addresses: given.addresses }, report, openCall });

const heard = new SidesHeard([...report.player.tracks, ...(review ? [review.evidence.track] : [])]);
const hearButtons = document.querySelectorAll("[data-hear]");
const sides = {
  hear(which) {
    heard.hear(which);
    for (const button of hearButtons) button.setAttribute("aria-pressed", button.dataset.hear === which);
  },
  next() {
    this.hear(HEARD[(HEARD.indexOf(heard.heard) + 1) % HEARD.length]);
  },
};
for (const button of hearButtons) button.addEventListener("click", () => sides.hear(button.dataset.hear));

report.show();
moveTimelineByKeys(report.timeline);
registerCallKeys({ report, sides, review, showWaveform: () => {} });
if (review) {
  registerReviewKeys(review);
  review.start();
}
