// Notes a fault that was not flagged: one key for its rule, at the instant of the playhead.

import { make } from "../shared/elements.js";
import { clock } from "../shared/numbers.js";
import { t } from "../call/call.js";
import { meaningOf } from "../call/descriptions.js";

const STEP_S = 1;

export class MissedDialog {
  /** `onRule(rule, s)` is called with what was chosen. */
  constructor({ rules, duration, onRule }) {
    Object.assign(this, { rules, duration, onRule, at: 0 });
    this.box = document.getElementById("missed-dialog");
    this.clock = document.getElementById("missed-at");
    document.getElementById("missed-rules").replaceChildren(...rules.map((rule, k) => {
      const button = make("button", { type: "button", "data-rule": rule }, make("kbd", {}, String(k + 1)), make("b", {}, t("rule." + rule)),
        make("span", { class: "aside" }, meaningOf("rule", rule)));
      button.addEventListener("click", () => this.choose(rule));
      return make("li", {}, button);
    }));
    this.box.addEventListener("keydown", (event) => this.onKey(event));
    for (const [id, step] of [["missed-earlier", -STEP_S], ["missed-later", STEP_S]]) {
      document.getElementById(id).addEventListener("click", () => this.move(step));
    }
  }

  open(s) {
    this.at = s;
    this.move(0);
    this.box.showModal();
  }

  move(step) {
    this.at = Math.min(this.duration, Math.max(0, this.at + step));
    this.clock.textContent = clock(this.at, true);
  }

  choose(rule) {
    this.box.close();
    this.onRule(rule, Math.round(this.at * 10) / 10);
  }

  onKey(event) {
    const step = { ArrowLeft: -STEP_S, ArrowRight: STEP_S }[event.key];
    const rule = /^[1-9]$/.test(event.key) ? this.rules[Number(event.key) - 1] : undefined;
    if (!step && !rule) return;
    event.preventDefault();
    if (step) this.move(step);
    else this.choose(rule);
  }
}
