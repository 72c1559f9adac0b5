// Exchanges the token of the link, which stands behind the # of the address, for a cookie, and opens the workbench.

const token = window.location.hash.slice(1);
const opening = document.getElementById("opening");
const needsLink = document.getElementById("needs-link");

if (token) {
  window.history.replaceState(null, "", "/"); // the token does not stay in the address
  opening.hidden = false;
  needsLink.hidden = true;
  try {
    const answer = await fetch("/", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (answer.ok) window.location.replace("/");
    else throw new Error(String(answer.status));
  } catch {
    opening.hidden = true;
    needsLink.hidden = false;
  }
}
