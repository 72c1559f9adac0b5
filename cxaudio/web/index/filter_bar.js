// What the reader can filter by; a filter that could not tell two calls apart is not offered.

import { make } from "../shared/elements.js";
import { LABELS } from "./calls.js";

const SEVERITIES = ["severe", "flagged", "whole", "clean", "unknown"];

/** Make the controls of the filters; `onChange(filter)` gets all values by name. */
export class FilterBar {
  constructor({ box, search, calls, words, onChange }) {
    Object.assign(this, { box, search, calls, words, onChange });
    this.search.addEventListener("input", () => this.changed());
  }

  /** Draw the controls anew, in the language that is switched on, with the values of a filter. */
  draw(filter) {
    const { calls, words } = this;
    const { t, whole } = words;
    const option = (value, text, n) => make("option", { value }, n === undefined ? text : `${text} (${whole(n)})`);
    const choice = (name, options) => make("label", {}, make("span", {}, t(`index.filter_${name}`)),
      make("select", { name }, option("", t("index.filter_all")), ...options));
    const rules = [
      ...calls.wordsOf("rules").map(({ value, n }) => option(value, words.rule(value), n)),
      ...calls.wordsOf("whole_call_rules").map(({ value, n }) => option(`whole.${value}`, `${t("page.whole_call")}: ${words.limit(value)}`, n)),
    ];
    const notices = calls.wordsOf("notices");
    const controls = [
      choice("severity", SEVERITIES.map((value) => option(value, t(`index.severity_${value}`)))),
      rules.length ? choice("rule", rules) : null,
      ...LABELS.map((label) => [label, calls.has(label) ? calls.valuesOf(label, words.language()) : []])
        .filter(([, values]) => values.length)
        .map(([label, values]) => choice(label, values.map(({ value, n }) => option(value, value, n)))),
      ...(calls.hasStarted() ? ["from", "to"] : [])
        .map((name) => make("label", {}, make("span", {}, t(`index.filter_${name}`)), make("input", { type: "date", name }))),
      notices.length
        ? choice("notices", [option("any", t("index.notices_any")), ...notices.map(({ value, n }) => option(value, words.notice(value), n))])
        : null,
      make("label", { class: "check" }, make("input", { type: "checkbox", name: "pace", value: "unknown" }), t("index.filter_pace")),
    ];
    this.box.replaceChildren(...controls.filter(Boolean));
    for (const control of this.box.querySelectorAll("[name]")) control.addEventListener("input", () => this.changed());
    this.set(filter);
  }

  get controls() {
    return [this.search, ...this.box.querySelectorAll("[name]")];
  }

  /** Show the values of a filter. */
  set(filter) {
    for (const control of this.controls) {
      const value = filter[control.name] || "";
      if (control.type === "checkbox") control.checked = value === control.value;
      else control.value = value;
      control.classList.toggle("on", Boolean(value));
    }
  }

  changed() {
    const entries = this.controls.map((control) => [control.name, control.type === "checkbox" ? (control.checked ? control.value : "") : control.value.trim()]);
    for (const control of this.controls) control.classList.toggle("on", control.type === "checkbox" ? control.checked : Boolean(control.value));
    this.onChange(Object.fromEntries(entries.filter(([, value]) => value)));
  }
}
