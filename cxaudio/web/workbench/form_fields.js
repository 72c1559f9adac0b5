// What the forms of several pages have in common.

import { inField, registerKeys } from "./keys.js";

/** Leave fields that hold nothing out of the address that a form leads to. */
export function leaveOutEmptyFields(form) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
  window.addEventListener("pageshow", () => { // also when the browser goes back to this page
    for (const field of form.elements) field.disabled = false;
  });
}

/** Register the key that gives the keys back to the page while somebody writes in a field. */
export function registerLeavingKey({ group, label }) {
  const focused = () => document.activeElement;
  registerKeys([{ keys: ["Escape"], label, group, inFields: true, when: () => inField(focused()), run: () => focused().blur() }]);
}
