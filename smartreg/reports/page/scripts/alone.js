// Draws the map with its list and details on a page that another frame holds.
function draw() {
  drawExplorer();
  filter();
  hintScrolls();
}

window.addEventListener("resize", hintScrolls);
const [, inAddress] = readAddress();
applyAddress(inAddress);
lang = spoken;
buildExplorer();
draw();
lookAsInAddress(inAddress);
whenFiltered.push(writeAddress);
if (map) map.on("moveend", writeAddress);
