// The explorer: search and filters, the map, the list, and the details of what is chosen. Its bones are drawn once, because
// Leaflet lives in them.
function buildExplorer() {
  section(
    "explorer",
    el("form", { id: "ask", role: "search", "aria-labelledby": "explorer-title", on: { submit: (event) => event.preventDefault() } }, el("div", { id: "filters" })),
    el(
      "div",
      { class: "sight" },
      el(
        "div",
        { id: "seen", hidden: !placed.length && !countable },
        el("div", { id: "tools" }),
        el("div", { id: "canvas", role: "application" }),
        el("ul", { id: "legend", class: "legend" }),
        el("p", { id: "credit", class: "quiet" }),
      ),
      el("div", { id: "details", class: "card", on: { keydown: (event) => event.key === "Escape" && opened && closeDetails() } }),
    ),
    el("div", { id: "communes" }),
    el("div", { id: "list" }),
  );
  document.getElementById("explorer-title").tabIndex = -1;
  if (placed.length || countable) makeMap();
}

// Shows the explorer, and goes on from its heading.
function toExplorer() {
  const title = document.getElementById("explorer-title");
  title.scrollIntoView();
  title.focus({ preventScroll: true });
}

function drawExplorer() {
  document.getElementById("explorer-title").textContent = say("explorer");
  drawFilters();
  if (map) drawMapTools();
  drawDetails();
}
