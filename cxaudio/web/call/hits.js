// What is under the pointer.

/** Return how early a drawn thing is chosen: 0 for what has nothing of its own to show. */
function rank(hit) {
  if (!hit.item) return 0;
  return hit.minor || hit.kind === "hold" ? 1 : 2; // a hold is large, and lies under what is drawn on it
}

/** Return the thing at a point: small things before those they are drawn on, and the front before the back; null: nothing. */
export function hitAt(hits, x, y) {
  const under = hits.filter((hit) => x >= hit.x0 && x <= hit.x1 && y >= hit.y0 && y < hit.y1);
  return under.reduce((best, hit) => (!best || rank(hit) >= rank(best) ? hit : best), null);
}
