// The map: Leaflet on one canvas, outlines of communes, a circle for each record that has a place.
const COLOURS = ["#1b6ca8", "#b45309", "#15803d", "#7e22ce", "#b91c1c", "#0f766e", "#be185d", "#4d5bd8"];
const OTHER = "#5f6b76";
const placed = records.filter((record) => record.place);
let map = null;
let circles = null;
let halo = null;
let colouring = "kind";

const samePlace = new Map();
for (const record of placed) {
  const key = record.place.join(" ");
  if (!samePlace.has(key)) samePlace.set(key, []);
  samePlace.get(key).push(record);
}

const CROWD = 1000; // from so many points on, they are drawn smaller

// A disc is painted once for each colour and size, as fine as the canvas is, then copied.
const discs = new Map();
const FINE = L.Browser.retina ? 2 : 1;

function disc(colour, radius) {
  const name = colour + radius;
  if (!discs.has(name)) {
    const side = 2 * radius + 4;
    const canvas = el("canvas", { width: FINE * side, height: FINE * side });
    const pen = canvas.getContext("2d");
    pen.scale(FINE, FINE);
    pen.beginPath();
    pen.arc(side / 2, side / 2, radius, 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.strokeStyle = "#ffffff";
    pen.fill();
    pen.stroke();
    discs.set(name, { canvas, side });
  }
  return discs.get(name);
}

const Copied = L.Canvas.extend({
  _updateCircle(layer) {
    if (!layer.record) {
      L.Canvas.prototype._updateCircle.call(this, layer);
    } else if (this._drawing && !layer._empty()) {
      const { canvas, side } = disc(layer.options.fillColor, layer.options.radius);
      this._ctx.drawImage(canvas, Math.round(layer._point.x) - side / 2, Math.round(layer._point.y) - side / 2, side, side);
    }
  },
});

function makeMap() {
  map = L.map("canvas", { renderer: new Copied({ padding: 0.2, tolerance: 3 }), zoomControl: false, attributionControl: false, maxZoom: 20 });
  L.control.scale({ imperial: false }).addTo(map);
  if (data.tiles) L.tileLayer(data.tiles.url, { maxZoom: 20, referrerPolicy: "no-referrer" }).addTo(map);
  const lines = { color: "#8a949e", weight: 1, interactive: false };
  for (const rings of Object.values(data.outlines)) L.polyline(rings.map((ring) => [...ring, ring[0]]), lines).addTo(map);
  circles = L.featureGroup().addTo(map);
  for (const record of placed) {
    const [longitude, latitude] = record.place;
    record.circle = L.circleMarker([latitude, longitude], { weight: 1, radius: (record.kind.hangs ? 6 : 4) - (placed.length > CROWD) });
    record.circle.record = record;
  }
  circles.on("click", (event) => open(event.layer.record, { pan: false }));
  const resized = new ResizeObserver(() => map.invalidateSize({ pan: false }));
  resized.observe(document.getElementById("canvas"));
}

function fit() {
  const there = shown.filter((record) => record.place);
  const points = (there.length ? there : placed).map((record) => [record.place[1], record.place[0]]);
  if (points.length) map.fitBounds(L.latLngBounds(points), { maxZoom: 16, padding: [20, 20], animate: false });
}

function colours() {
  const facet = facets.get(colouring);
  const counts = new Map();
  for (const record of placed) {
    const key = facet ? facet.of(record)[0] : "";
    counts.set(key, (counts.get(key) || 0) + 1);
  }
  const keys = [...counts.keys()].filter((key) => key !== undefined).sort((a, b) => counts.get(b) - counts.get(a));
  return new Map(keys.map((key, index) => [key, COLOURS[index] || OTHER]));
}

function paint() {
  const facet = facets.get(colouring);
  const colour = colours();
  circles.clearLayers();
  // What hangs on something is drawn above it.
  for (const record of shown.filter((item) => item.place).sort((a, b) => a.kind.hangs - b.kind.hangs)) {
    const told = colour.get(facet ? facet.of(record)[0] : "") || OTHER;
    record.circle.options.fillColor = told;
    circles.addLayer(record.circle);
  }
  legend(facet, colour);
}

function legend(facet, colour) {
  const named = [...colour].filter(([, told]) => told !== OTHER);
  const items = named.map(([key, told]) => [told, facet ? facet.text(key) : ""]);
  if (facet && named.length < colour.size) items.push([OTHER, say("other_values")]);
  if (facet && placed.some((record) => !facet.of(record).length)) items.push([OTHER, say("no_value")]);
  fill(document.getElementById("legend"), facet ? items.map(([told, text]) => el("li", null, dot(told), " ", text)) : null);
}

function dot(colour) {
  const round = svg("circle", { cx: 6, cy: 6, r: 5, fill: colour });
  return svg("svg", { width: 12, height: 12, viewBox: "0 0 12 12", "aria-hidden": "true" }, round);
}

function drawMapTools() {
  const change = (event) => { colouring = event.target.value; paint(); };
  const options = [...facets].map(([name, facet]) =>
    el("option", { value: name, selected: name === colouring }, said(facet.words)),
  );
  fill(
    document.getElementById("tools"),
    facets.size ? [el("label", { for: "colouring" }, say("colour_by")), el("select", { id: "colouring", on: { change } }, options)] : null,
    button("+", () => map.zoomIn(), { "aria-label": say("zoom_in"), title: say("zoom_in") }),
    button("−", () => map.zoomOut(), { "aria-label": say("zoom_out"), title: say("zoom_out") }),
    button(say("show_all"), fit),
  );
  document.getElementById("canvas").setAttribute("aria-label", say("map_label"));
  fill(document.getElementById("credit"), data.tiles ? data.tiles.credit : "");
}

function ring(record) {
  if (halo) halo.remove();
  halo = null;
  if (!record || !record.place) return;
  const [longitude, latitude] = record.place;
  halo = L.circleMarker([latitude, longitude], { radius: 12, color: "#111820", weight: 3, fill: false, interactive: false });
  halo.addTo(map);
}

function centre(record) {
  map.setView([record.place[1], record.place[0]], Math.max(map.getZoom(), 15), { animate: false });
}

whenFiltered.push(() => { if (map) paint(); });
