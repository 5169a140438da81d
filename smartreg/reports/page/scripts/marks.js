// How records look on the map: a shape and a colour for each kind, letters for the values of a field. A kind looks the
// same on every page; what is told by colour is also told by a shape or a letter.
const COLOURS = ["#1b6ca8", "#b45309", "#15803d", "#7e22ce", "#b91c1c", "#0f766e", "#be185d", "#4d5bd8"];
const OTHER = "#5f6b76";
const MARKS = [
  "M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 1 0 0-19z", // circle
  "M4 4h16v16H4z", // square
  "M12 2.5 22.5 21h-21z", // triangle
  "M12 1.5 22.5 12 12 22.5 1.5 12z", // diamond
  "M12 2 22.5 9.7 18.5 21.5h-13L1.5 9.7z", // pentagon
  "M6.5 2.8h11L23 12l-5.5 9.2h-11L1 12z", // hexagon
  "M8 2h8v6h6v8h-6v6H8v-6H2V8h6z", // cross
  "M12 1l3.2 7.3 7.8.7-5.9 5.2 1.8 7.8-6.9-4.1L5.1 22l1.8-7.8L1 9l7.8-.7z", // star
];
let colouring = "kind";

function shapeOf(kind) {
  return MARKS[data.explorer.marks[kind.name] % MARKS.length];
}

function kindColour(kind) {
  return COLOURS[data.explorer.marks[kind.name] % COLOURS.length];
}

// The shape of a kind in a colour, with a letter where the colour alone would tell something.
function symbol(kind, colour, letter, size) {
  const parts = [svg("path", { d: shapeOf(kind), fill: colour, class: "shape" })];
  if (letter) parts.push(svg("text", { x: 12, y: data.explorer.marks[kind.name] % MARKS.length === 2 ? 18.5 : 16.2, class: "letter", "text-anchor": "middle" }, letter));
  return svg("svg", { class: "symbol", width: size, height: size, viewBox: "0 0 24 24", "aria-hidden": "true" }, parts);
}

function dot(colour) {
  const round = svg("circle", { cx: 6, cy: 6, r: 5, fill: colour });
  return svg("svg", { width: 12, height: 12, viewBox: "0 0 12 12", "aria-hidden": "true" }, round);
}

// Value of the chosen field → { colour, letter }; null where kinds are told apart. Values that the schema lists keep their
// place in it, so that they look the same whatever is recorded.
function palette() {
  const facet = facets.get(colouring);
  if (!facet || colouring === "kind") return null;
  const counts = new Map();
  for (const record of placed) {
    for (const key of facet.of(record).slice(0, 1)) counts.set(key, (counts.get(key) || 0) + 1);
  }
  const keys = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  const listed = facet.listed.length && facet.listed.length <= COLOURS.length ? facet.listed : keys;
  return new Map(keys.map((key) => {
    const place = listed.indexOf(key);
    return [key, place >= 0 && place < COLOURS.length ? { colour: COLOURS[place], letter: String.fromCharCode(65 + place) } : { colour: OTHER, letter: "·" }];
  }));
}

function lookOf(record, look) {
  if (!look) return { colour: kindColour(record.kind), letter: "" };
  return look.get(facets.get(colouring).of(record)[0]) || { colour: OTHER, letter: "" };
}

function marksLegend(look) {
  const present = data.kinds.filter((kind) => placed.some((record) => record.kind === kind));
  if (!look) return present.map((kind) => el("li", null, symbol(kind, kindColour(kind), "", 16), " ", said(kind.plural)));
  const facet = facets.get(colouring);
  const shape = present.find((kind) => kind.hangs) || present[0];
  const named = [...look].filter(([, told]) => told.colour !== OTHER);
  const items = named.map(([key, { colour, letter }]) => el("li", null, symbol(shape, colour, letter, 18), " ", facet.text(key)));
  if (named.length < look.size) items.push(el("li", null, symbol(shape, OTHER, "·", 18), " ", say("other_values")));
  if (placed.some((record) => !facet.of(record).length)) items.push(el("li", null, symbol(shape, OTHER, "", 18), " ", say("no_value")));
  return items;
}
