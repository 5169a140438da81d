// The map: communes by what is counted there, then, nearer, a mark for each place; marks that crowd are one that opens.
const placed = records.filter((record) => record.place);
const NEAR = 12; // from this zoom on, places are shown: a commune is then wider than a crowd of marks
const APART = 18; // from this zoom on, only what is at the same place is one mark
const CELL = 64; // pixels: what falls into one square is one mark
const WORLD = 256; // pixels of the whole world at zoom 0
let map = null;
let halo = null;
let layers = null;
let groups = []; // the places of what is counted, with what it hangs on
let fitted = ""; // what `fit` brought into sight

const samePlace = new Map();
for (const record of placed) {
  const key = record.place.join(" ");
  if (!samePlace.has(key)) samePlace.set(key, []);
  samePlace.get(key).push(record);
}

function makeMap() {
  map = L.map("canvas", { zoomControl: false, attributionControl: false, maxZoom: 20, zoomSnap: data.tiles ? 1 : 0.25 });
  L.control.scale({ imperial: false }).addTo(map);
  if (data.tiles) L.tileLayer(data.tiles.url, { maxZoom: 20, referrerPolicy: "no-referrer" }).addTo(map);
  map.createPane("names").classList.add("names-pane");
  map.getPane("names").setAttribute("aria-hidden", "true"); // each symbol says its name itself
  const { land } = data.explorer;
  if (land) {
    const still = { interactive: false, stroke: false };
    L.rectangle(land.corners, { ...still, className: "sea" }).addTo(map);
    L.polygon(land.rings, { ...still, className: "shore" }).addTo(map);
    map.setMaxBounds(land.corners);
  }
  layers = { communes: L.layerGroup().addTo(map), names: L.layerGroup().addTo(map), marks: L.layerGroup().addTo(map) };
  for (const commune of communes.filter((item) => item.at)) {
    commune.drawn = commune.rings.length
      ? L.polygon(commune.rings.map((ring) => [ring]), { weight: 1, bubblingMouseEvents: false })
      : L.circleMarker(commune.at, { radius: 3, weight: 1, bubblingMouseEvents: false });
    commune.drawn.bindTooltip(() => el("span", null, commune.name, detailed() ? null : [colon(), amount(commune.value)]), { sticky: true });
    if (facets.has("commune")) commune.drawn.on("click", () => chooseCommune(commune));
    // By keyboard, the table by commune chooses one.
    commune.drawn.on("add", () => commune.drawn.getElement().setAttribute("tabindex", "-1"));
    layers.communes.addLayer(commune.drawn);
  }
  fit();
  map.on("moveend", drawMap);
  window.addEventListener("beforeprint", () => putBack || drawForPaper());
  window.addEventListener("afterprint", () => putBack && putBack());
  new ResizeObserver(followSize).observe(document.getElementById("canvas"));
}

// To the records that are shown; to the communes of the territory where none of them has a place. Nobody has asked for
// one place yet: a commune then stands among its neighbours.
function fit() {
  const all = shown.length === records.length;
  const there = shown.filter((record) => record.place).map((record) => [record.place[1], record.place[0]]);
  const outlined = communes.flatMap((commune) => (all && commune.rings.length ? commune.rings.flat() : []));
  const points = outlined.length ? outlined : there.length ? there : communes.filter((commune) => commune.at).map((commune) => commune.at);
  const maxZoom = all && countable ? NEAR - 1 : 16;
  const room = !outlined.length && all && countable ? { paddingTopLeft: [40, 30], paddingBottomRight: [40, 62] } : { padding: [16, 16] }; // symbols, and names below them
  if (points.length) map.fitBounds(L.latLngBounds(points), { maxZoom, ...room, animate: false });
  fitted = sight();
}

function followSize() {
  const [whole, before] = [fitted === sight(), map.getSize()];
  map.invalidateSize();
  if (whole && !map.getSize().equals(before)) fit();
}

function sight() {
  return [map.getCenter(), map.getZoom()].join(" ");
}

// Paper is narrower than most screens: the map is drawn for it, of what was in sight, and put back afterwards.
let putBack = null;

function drawForPaper() {
  const [centre, zoom, bounds, whole] = [map.getCenter(), map.getZoom(), map.getBounds(), fitted === sight()];
  const paper = (on) => {
    document.getElementById("canvas").classList.toggle("paper", on);
    map.invalidateSize({ animate: false, pan: false });
  };
  paper(true);
  if (whole) fit();
  else map.fitBounds(bounds, { animate: false });
  putBack = () => {
    paper(false);
    map.setView(centre, zoom, { animate: false });
    if (whole) fitted = sight();
    putBack = null;
  };
}

function detailed() {
  return !view || map.getZoom() >= NEAR;
}

// Each place with its records, what they hang on first, and where it is on the map of the world at zoom 0.
const places = [...samePlace.values()].map((members) => {
  const [longitude, latitude] = members[0].place;
  const { x, y } = L.CRS.EPSG3857.latLngToPoint(L.latLng(latitude, longitude), 0);
  return { members: [...members].sort((a, b) => a.kind.hangs - b.kind.hangs), at: [latitude, longitude], x: x / WORLD, y: y / WORLD };
});

function regroup() {
  const there = shown.length === records.length ? null : new Set(shown);
  groups = places.flatMap((place) => {
    const members = there ? place.members.filter((record) => there.has(record)) : place.members;
    const number = members.filter(isCounted).length;
    return number ? [{ ...place, number, members: members.filter((record) => isCounted(record) || !data.explorer.hosts[record.kind.name]) }] : [];
  });
}

function drawMap() {
  const near = detailed();
  document.getElementById("canvas").classList.toggle("near", near);
  drawCommunes(near);
  layers.marks.clearLayers();
  drawNames(near, near ? drawMarks() : []);
  drawLegend(near);
}

function drawCommunes(near) {
  const counts = view ? countBy(view) : new Map();
  for (const commune of communes) commune.value = counts.get(commune.code) || 0;
  const ends = classes(communes.map((commune) => commune.value));
  const most = Math.max(0, ...communes.map((commune) => commune.value));
  // The smallest last: it lies above the others.
  for (const commune of communes.filter((item) => item.drawn).sort((a, b) => b.value - a.value)) {
    const node = commune.drawn.getElement();
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", inert(commune.name + (near ? "" : colon() + amount(commune.value))));
    commune.step = near ? 0 : classOf(commune.value, ends);
    if (commune.rings.length) node.setAttribute("class", "leaflet-interactive land step-" + commune.step);
    else {
      node.setAttribute("class", "leaflet-interactive bubble" + (near || !commune.value ? " small" : ""));
      commune.drawn.setRadius(near ? 2.5 : radius(commune.value, most)).bringToFront();
    }
  }
}

// Names where they find room: those of the largest values first, then those without. All keep clear of the symbols of
// other communes; a name with a value may touch one, where it finds no better place, but not cover its middle.
const LINE = 15; // pixels
const ruler = document.createElement("canvas").getContext("2d");

function drawNames(near, marks) {
  layers.names.clearLayers();
  const size = map.getSize();
  const taken = marks.map(({ x, y }) => [x - 14, y - 14, x + 14, y + 14]);
  const pixels = (commune) => map.latLngToContainerPoint(commune.at);
  const symbolOf = (commune) => {
    const [{ x, y }, round] = [pixels(commune), commune.drawn.getRadius()];
    return { commune, around: (part) => [x - part * round, y - part * round, x + part * round, y + part * round] };
  };
  const symbols = communes.filter((item) => !near && item.at && item.value && !item.rings.length).map(symbolOf);
  const overlaps = (box) => (other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3];
  ruler.font = "500 12px system-ui, sans-serif";
  for (const commune of communes.filter((item) => item.at).sort((a, b) => b.value - a.value || compared(a.name, b.name))) {
    const { x, y } = pixels(commune);
    const told = !near && commune.value ? amount(commune.value) : "";
    const wide = Math.max(ruler.measureText(commune.name).width, ruler.measureText(told).width) / 2 + 3;
    if (!told && commune.rings.length && 2 * wide > 1.5 * acrossOf(commune)) continue;
    const inside = (box) => box[0] >= 0 && box[1] >= 0 && box[2] <= size.x && box[3] <= size.y;
    const boxes = middles(commune, wide, told).map(([right, down]) => [x + right - wide, y + down, x + right + wide, y + down + (told ? 2 : 1) * LINE]);
    const free = boxes.filter((one) => inside(one) && !taken.some(overlaps(one)));
    const isClear = (part) => (one) => !symbols.some((symbol) => symbol.commune !== commune && overlaps(one)(symbol.around(part)));
    const half = ruler.measureText(told).width / 2;
    const within = [x - half, y - LINE / 2, x + half, y + LINE / 2]; // its own symbol has room for the number
    const named = free.find(isClear(1)) || (told ? free.find(isClear(0.7)) || free.find(isClear(0.25)) : null);
    const box = named || (told && inside(within) && !taken.some(overlaps(within)) && isClear(0.25)(within) ? within : null);
    if (!box) continue;
    taken.push(box);
    const html = el("span", null, named ? commune.name : null, told ? [named ? el("br") : null, el("b", null, told)] : null);
    const className = "commune-name" + (commune.rings.length && commune.step > 3 ? " on-strong" : told || near ? "" : " quiet");
    const icon = L.divIcon({ className, html, iconSize: null, iconAnchor: [x - (box[0] + box[2]) / 2, y - box[1]] });
    layers.names.addLayer(L.marker(commune.at, { icon, interactive: false, keyboard: false, pane: "names" }));
  }
}

// Where a name may stand, the best place first: from the place of its commune, pixels to its middle and down to its top.
// Within an outline; else around the symbol, as it stands on maps: below, above, at a side, at a corner; else on it.
function middles(commune, wide, told) {
  if (commune.rings.length) return (told ? [-LINE, -LINE - 14, -LINE + 14] : [-LINE / 2]).map((down) => [0, down]);
  const round = commune.drawn.getRadius() + 1;
  if (!told) return [round, -round - LINE, 16, -16 - LINE].map((down) => [0, down]);
  const corner = 0.7 * round;
  const sides = [[round, -LINE], [corner, corner], [corner, -corner - 2 * LINE]].flatMap(([out, down]) => [[out + wide, down], [-out - wide, down]]);
  return [[0, round], [0, -round - 2 * LINE], ...sides, [0, -LINE]];
}

// Pixels from the west to the east of an outline: a name much wider would seem to be its neighbour's.
function acrossOf(commune) {
  const bounds = commune.drawn.getBounds();
  return map.latLngToContainerPoint(bounds.getNorthEast()).x - map.latLngToContainerPoint(bounds.getSouthWest()).x;
}

// Marks of what is in sight, and a little around it; where they are on the map, in pixels.
function drawMarks() {
  const zoom = map.getZoom();
  const cells = (WORLD * 2 ** zoom) / CELL;
  const seen = map.getBounds().pad(0.1);
  const found = new Map();
  groups.forEach((group, index) => {
    if (!seen.contains(group.at)) return;
    const key = zoom >= APART ? index : Math.floor(group.x * cells) * 2 ** 24 + Math.floor(group.y * cells);
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(group);
  });
  const look = palette();
  for (const crowd of apart([...found.values()])) layers.marks.addLayer(crowd.length > 1 ? crowdMark(crowd) : placeMark(crowd[0], look));
  return layers.marks.getLayers().map((mark) => map.latLngToContainerPoint(mark.getLatLng()));
}

// Crowds whose marks would cover one another become one, round the largest.
function apart(crowds) {
  const most = (crowd) => crowd.reduce((sum, group) => sum + group.number, 0);
  const middle = (crowd) => map.latLngToContainerPoint(L.latLngBounds(crowd.map((group) => group.at)).getCenter());
  const sorted = crowds.map((crowd) => ({ crowd, at: middle(crowd), most: most(crowd) })).sort((a, b) => b.most - a.most);
  if (map.getZoom() >= APART) return crowds;
  const made = [];
  for (const item of sorted) {
    const near = made.find((other) => other.at.distanceTo(item.at) < CELL * 0.7);
    if (near) near.crowd = near.crowd.concat(item.crowd);
    else made.push(item);
  }
  return made.map((item) => item.crowd);
}

function pin(at, html, label, act) {
  const made = L.marker(at, { icon: L.divIcon({ className: "mark", html, iconSize: null }), bubblingMouseEvents: false });
  made.on("add", () => made.getElement().setAttribute("aria-label", inert(label)));
  made.on("click", () => act(made));
  made.on("keydown", ({ originalEvent }) => {
    if (originalEvent.key !== "Enter" && originalEvent.key !== " ") return;
    originalEvent.preventDefault();
    act(made);
  });
  return made;
}

function crowdMark(crowd) {
  const count = crowd.reduce((sum, group) => sum + group.number, 0);
  const bounds = L.latLngBounds(crowd.map((group) => group.at));
  const side = 28 + 6 * Math.floor(Math.log10(count));
  const html = svg(
    "svg",
    { class: "crowd", width: side, height: side, viewBox: `${-side / 2} ${-side / 2} ${side} ${side}`, "aria-hidden": "true" },
    svg("circle", { r: side / 2 - 1 }),
    svg("text", { "text-anchor": "middle", y: 4.5 }, amount(count)),
  );
  return pin(bounds.getCenter(), html, say(view ? "crowd_devices" : "crowd", { n: amount(count) }), () => map.fitBounds(bounds, { maxZoom: Math.max(APART, map.getZoom() + 1), padding: [40, 40] }));
}

// One record, or a support with all that hangs there: its shape, and how many devices it has.
function placeMark({ members, at }, look) {
  const [first, ...others] = members;
  const told = look ? members.filter((record) => facets.get(colouring).of(record).length).at(-1) || first : first;
  const { colour, letter } = lookOf(told, look);
  const guest = members.at(-1);
  const badge = others.length ? el("span", { class: "badge" }, amount(others.length)) : null;
  if (badge && !look) badge.style.background = kindColour(guest.kind);
  const html = el("span", { class: "place" }, symbol(first.kind, colour, letter, 24), badge);
  const label = said(first.kind.title) + colon() + titleOf(first) + (others.length ? ", " + say("with_others", { n: amount(others.length) }) : "");
  return pin(at, html, label, (made) => (others.length ? openPlace(made, members, look) : open(first, { pan: false, focus: false })));
}

function openPlace(made, members, look) {
  const items = members.map((record) => {
    const { colour, letter } = lookOf(record, look);
    return el("li", null, symbol(record.kind, colour, letter, 18), el("span", null, opener(record, titleOf(record)), el("span", { class: "quiet" }, " ", statusOf(record))));
  });
  const content = el("ul", { class: "plain", tabindex: -1 }, items);
  const popup = L.popup({ minWidth: 220, maxHeight: 260, offset: [0, -6] }).setLatLng(made.getLatLng()).setContent(content).openOn(map);
  popup.on("remove", () => focusMark(popup));
  content.addEventListener("keydown", (event) => event.key === "Escape" && map.closePopup());
  for (const close of document.querySelectorAll(".leaflet-popup-close-button")) close.setAttribute("aria-label", say("close"));
  content.querySelector("button").focus({ preventScroll: true });
}

// Focus that was in a popup goes back to its mark, which may have been drawn anew since.
function focusMark(popup) {
  const active = document.activeElement;
  if (active !== document.body && !popup.getElement().contains(active)) return;
  const mark = layers.marks.getLayers().find((other) => other.getLatLng().equals(popup.getLatLng()));
  (mark ? mark.getElement() : map.getContainer()).focus({ preventScroll: true });
}

function drawLegend(near) {
  const legend = fill(document.getElementById("legend"), near ? [el("li", { class: "title" }, viewWords()), marksLegend(palette())] : communesLegend());
  legend.setAttribute("aria-hidden", String(!near)); // numbers without their sizes say nothing
  document.getElementById("colour-by").hidden = !near;
}

function drawMapTools() {
  const change = (event) => setView(event.target.value);
  const colour = (event) => { colouring = event.target.value; drawMap(); writeAddress(); };
  const option = (value, text, selected) => el("option", { value, selected: value === selected }, text);
  const cases = [...counted].filter(([name]) => name !== "hosted" && name !== "guests").map(([name, { words }]) => [name, words()]).sort((a, b) => compared(a[1], b[1]));
  fill(
    document.getElementById("tools"),
    countable
      ? el("p", null, el("label", { for: "view" }, say("show_what")), el(
          "select",
          { id: "view", on: { change } },
          ["hosted", "guests"].map((name) => option(name, counted.get(name).words(), view)),
          option("", say("value_records"), view),
          cases.length ? el("optgroup", { label: say("by_use_case") }, cases.map(([name, words]) => option(name, words, view))) : null,
        ))
      : null,
    el("p", { id: "colour-by", hidden: true }, el("label", { for: "colouring" }, say("colour_by")), el("select", { id: "colouring", on: { change: colour } }, [...facets].map(([name, facet]) => option(name, said(facet.words), colouring)))),
    el("p", { class: "zoom" },
      button("+", () => map.zoomIn(1), { "aria-label": say("zoom_in"), title: say("zoom_in") }),
      button("−", () => map.zoomOut(1), { "aria-label": say("zoom_out"), title: say("zoom_out") }),
      button(say("show_all"), () => { choose({}); fit(); }),
    ),
  );
  document.getElementById("canvas").setAttribute("aria-label", say("map_label"));
  const credits = [data.tiles && data.tiles.credit, data.explorer.credit && said(data.explorer.credit), communes.length ? say("centres_by") : null, data.explorer.land ? say("coast_by") : null];
  fill(document.getElementById("credit"), countable ? say("counted_on", { date: day(data.source.reference_date, "long") }) + " " : "", credits.filter(Boolean).join(" · "));
}

function redraw() {
  regroup();
  drawMap();
  fill(document.getElementById("communes"), communesFold());
}

function ring(record) {
  if (halo) halo.remove();
  halo = null;
  if (!record || !record.place) return;
  const [longitude, latitude] = record.place;
  halo = L.circleMarker([latitude, longitude], { radius: 18, className: "halo", fill: false, interactive: false });
  halo.addTo(map);
}

function centre(record) {
  map.closePopup();
  if (!groups.some(({ members }) => members.includes(record))) setView("");
  map.setView([record.place[1], record.place[0]], Math.max(map.getZoom(), APART), { animate: false });
}

function setView(name) {
  view = name;
  const box = document.getElementById("view");
  if (box) box.value = name;
  redraw();
  writeAddress();
}

// What is searched for may be any record: then each is shown, until the search ends.
let viewBefore = null;

function showWhatIsSearched() {
  const searching = Boolean((chosen.get("search") || "").trim());
  if (searching === (viewBefore !== null)) return redraw();
  const next = searching ? "" : view || viewBefore;
  viewBefore = searching ? view : null;
  setView(next);
}

// What the map shows follows the filters at once; where it looks, a little later, for somebody may be typing.
let moving = null;
let followed = "[]";

whenFiltered.push(() => {
  if (!map) return;
  showWhatIsSearched();
  const asked = JSON.stringify([...chosen].filter(([, value]) => value));
  if (asked === followed) return;
  followed = asked;
  clearTimeout(moving);
  moving = setTimeout(fit, 250);
});
