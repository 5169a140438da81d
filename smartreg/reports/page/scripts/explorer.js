// The map and the list as one section.
// Its bones: drawn once, because Leaflet lives in them.
function buildExplorer() {
  section(
    "explorer",
    el("form", { id: "ask", on: { submit: (event) => event.preventDefault() } }, el("fieldset", { id: "filters" })),
    el(
      "div",
      { class: "sight" },
      el(
        "div",
        { id: "seen", hidden: !placed.length },
        el("div", { id: "tools" }),
        el("div", { id: "canvas", role: "application" }),
        el("ul", { id: "legend", class: "legend" }),
        el("p", { id: "credit", class: "quiet" }),
      ),
      el("div", { id: "details", class: "card" }),
    ),
    el("div", { id: "list" }),
  );
  if (placed.length) {
    makeMap();
    fit();
  }
}

function drawExplorer() {
  document.getElementById("explorer-title").textContent = say("explorer");
  drawFilters();
  if (map) drawMapTools();
  drawDetails();
}
