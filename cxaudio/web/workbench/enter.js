// Exchanges the token of the link, which stands behind the # of the address, for a cookie, and opens the workbench.

const token = window.location.hash.slice(1);
const { home } = document.body.dataset; // where a visitor who is known already goes on
const opening = document.getElementById("opening");
const needsLink = document.getElementById("needs-link");

async function exchange() {
  window.history.replaceState(null, "", "/"); // the token does not stay in the address
  opening.hidden = false;
  needsLink.hidden = true;
  const answer = await fetch("/", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  window.location.replace("/");
}

function goOn() {
  opening.hidden = !home;
  needsLink.hidden = Boolean(home);
  if (home) window.location.replace(home);
}

if (token) exchange().catch(goOn);
else goOn();
