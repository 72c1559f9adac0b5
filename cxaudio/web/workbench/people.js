// Keys of the pages about people: from row to row, open, filter, and the date of before and after.

import { leaveOutEmptyFields, registerLeavingKey } from "./form_fields.js";
import { registerKeys } from "./keys.js";
import { registerRowKeys } from "./rows.js";
import { word } from "./words.js";

const say = (key) => word("workbench_people." + key);
const group = say("keys");
const filter = document.querySelector("[data-filter]");
const at = document.getElementById("at");

const focusField = (field) => {
  field.focus();
  field.scrollIntoView({ block: "center" });
  if (field.type === "search") field.select();
};

registerRowKeys({ group, labels: { next: say("key_next"), previous: say("key_before"), open: say("key_open") } });
registerKeys([
  ...(filter ? [{ keys: ["/"], label: say("key_filter"), group, run: () => focusField(filter) }] : []),
  ...(at ? [{ keys: ["b"], label: say("key_at"), group, run: () => focusField(at) }] : []),
]);
registerLeavingKey({ group, label: say("key_leave") });
for (const form of document.querySelectorAll("main form")) leaveOutEmptyFields(form);
