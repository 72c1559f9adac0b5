// The page of policies side by side: asks again until all of the sample is judged.

import { showMessage } from "./messages.js";
import { get } from "./requests.js";

const place = document.getElementById("compared");

async function untilComplete() {
  while (place.dataset.complete !== "true") {
    const answer = await get(`/policy/compared${window.location.search}`);
    place.innerHTML = answer.html; // made by the server from a template that escapes all values
    place.dataset.complete = String(answer.complete);
  }
}

untilComplete().catch((error) => showMessage(error.message, "fault"));
