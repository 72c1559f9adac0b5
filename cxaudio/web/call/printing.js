// Paper has no zoom: for print the timeline is broken into rows, light whatever the screen is.

const ROW_LENGTHS = [20, 30, 60, 120, 300, 600]; // seconds in a row
const MOST_ROWS = 12;
const PRINT_WIDTH = 700; // px of the A4 page between its margins
const PRINT_SCALE = 3; // dots a px

function printRows() {
  const place = document.getElementById("print-rows");
  const row = ROW_LENGTHS.find((length) => duration / length <= (length < 60 ? 4 : MOST_ROWS) + 0.01) || ROW_LENGTHS.at(-1);
  const ink = inkOf(place);
  place.replaceChildren();
  // What is left of the last row is not worth a row of its own where it is but an instant.
  for (let from = 0; from === 0 || from < duration - 0.01 * row; from += row) {
    // The last row keeps the scale of the others, so that a second is as wide everywhere.
    const view = { from, to: from + row };
    const layout = layoutFor(PRINT_WIDTH, { printed: true, flagRows: Math.min(3, Math.max(1, within(flags, view.from, view.to).length)) });
    const canvas = make("canvas", {});
    drawLanes(penOn(canvas, PRINT_WIDTH, layout.height, true, PRINT_SCALE), ink, view, layout);
    place.append(make("figure", {}, canvas));
  }
}

window.addEventListener("beforeprint", () => {
  printRows();
  preparePanelsForPrint();
});
window.addEventListener("afterprint", () => document.getElementById("print-rows").replaceChildren());
