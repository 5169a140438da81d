// What is counted by commune: devices in place there, those of guests (whose support is another party's), those of a use
// case. Of the records that the filters let through.
const communes = data.explorer.communes.map(([code, name, at, rings]) => ({ code, name, at, rings, drawn: null, value: 0 }));
const hosting = data.kinds.filter((kind) => data.explorer.hosts[kind.name]);
const STEPS = 5;
let view = "";

function isStanding(record) {
  return Boolean(data.explorer.hosts[record.kind.name]) && record.kind.serving.includes(valueOf(record, record.kind.status));
}

function inPlace(record) {
  return record.commune && isStanding(record);
}

// What is counted, by commune and by mark alike: every record, or the devices in place that the view names.
function isCounted(record) {
  return !view || (isStanding(record) && counted.get(view).test(record));
}

function isGuest(record) {
  const name = data.explorer.hosts[record.kind.name];
  const host = refsOf(record.kind.field.get(name), valueOf(record, name))[0];
  const [own, other] = [valueOf(record, "owner"), host && valueOf(host, "owner")];
  return Boolean(own && other && own !== other);
}

// What can be shown: [name, test of a device, words]; "" shows each record. Drawn again with the language.
const counted = new Map([
  ["hosted", { test: () => true, words: () => say("value_hosted") }],
  ["guests", { test: isGuest, words: () => say("value_guests") }],
]);
for (const kind of hosting) {
  for (const record of records.filter((item) => item.kind === kind && inPlace(item))) {
    for (const id of valuesAt(record, "use_cases")) {
      const target = kind.field.get("use_cases") ? refsOf(kind.field.get("use_cases"), id)[0] : null;
      if (!target || counted.has(target.name)) continue;
      counted.set(target.name, { test: (item) => valuesAt(item, "use_cases").includes(id), words: () => titleOf(target) });
    }
  }
}
const countable = communes.some((commune) => commune.at) && records.some(inPlace);
if (countable) view = "hosted";

function countBy(name) {
  const { test } = counted.get(name);
  const counts = new Map();
  for (const record of shown) if (inPlace(record) && test(record)) counts.set(record.commune, (counts.get(record.commune) || 0) + 1);
  return counts;
}

// The upper ends of at most five classes with about as many communes each.
function classes(values) {
  const sorted = values.filter(Boolean).sort((a, b) => a - b);
  const ends = Array.from({ length: STEPS }, (_, index) => sorted[Math.ceil(((index + 1) * sorted.length) / STEPS) - 1]);
  return [...new Set(ends)].filter(Boolean);
}

function classOf(value, ends) {
  return value ? STEPS - ends.length + ends.findIndex((end) => value <= end) + 1 : 0;
}

// Pixels: the area of a symbol grows with its value, the largest fits a narrow screen.
function radius(value, most) {
  const largest = Math.min(28, document.getElementById("canvas").clientWidth / 20);
  return value ? Math.max(4, largest * Math.sqrt(value / most)) : 2.5;
}

function communesLegend() {
  const values = communes.map((commune) => commune.value);
  const most = Math.max(0, ...values);
  const title = el("li", { class: "title" }, viewWords());
  if (!most) return [title, el("li", null, say("nowhere"))];
  if (communes.some((commune) => commune.rings.length)) {
    const ends = classes(values);
    const text = (end, index) => (index && ends[index - 1] + 1 < end ? amount(ends[index - 1] + 1) + "–" + amount(end) : !index && end > 1 ? "1–" + amount(end) : amount(end));
    const swatch = (step) => svg("svg", { class: "swatch", width: 22, height: 14, "aria-hidden": "true" }, svg("rect", { width: 22, height: 14, class: "land step-" + step }));
    return [title, el("li", null, swatch(0), " 0"), ends.map((end, index) => el("li", null, swatch(classOf(end, ends)), " ", text(end, index)))];
  }
  const sizes = [...new Set([1, Math.round(most / 10), Math.round(most / 2), most])].filter((value) => value > 0);
  const round = (value) => { const r = radius(value, most); return svg("svg", { class: "swatch", width: 2 * r + 2, height: 2 * r + 2, "aria-hidden": "true" }, svg("circle", { cx: r + 1, cy: r + 1, r, class: "bubble" })); };
  return [title, sizes.map((value) => el("li", null, round(value), " ", amount(value)))];
}

function viewWords() {
  if (!view) return say("value_records");
  return view === "hosted" || view === "guests" ? counted.get(view).words() : say("value_of", { title: counted.get(view).words() });
}

// The same as a table, for whoever cannot see the map; made when it is opened.
function communesFold() {
  if (!countable) return null;
  const there = document.getElementById("by-commune");
  const node = el("details", { id: "by-commune", open: there && there.open }, el("summary", null, say("by_commune")));
  const draw = () => { if (node.open && node.childElementCount === 1) put(node, communesTable()); };
  node.addEventListener("toggle", draw);
  draw();
  return node;
}

function communesTable() {
  const columns = ["hosted", "guests", ...(counted.has(view) && view !== "hosted" && view !== "guests" ? [view] : [])];
  const counts = columns.map(countBy);
  const [all, by] = [counts[0], counts[Math.max(0, columns.indexOf(view))]];
  const value = (commune, found) => found.get(commune.code) || 0;
  const rows = communes.filter((commune) => all.has(commune.code)).sort((a, b) => value(b, by) - value(a, by) || value(b, all) - value(a, all));
  const heads = columns.map((name, index) => ({ words: counted.get(name).words(), number: true, cell: (commune) => amount(counts[index].get(commune.code) || 0) }));
  const name = { words: say("commune"), cell: (commune) => (facets.has("commune") ? button(commune.name, () => chooseCommune(commune), { class: "link" }) : commune.name) };
  const without = communes.length - rows.length;
  return [
    rows.length ? plainTable({ text: viewWords(), unseen: true }, [name, ...heads], rows) : el("p", null, say("nowhere")),
    without ? el("p", { class: "quiet" }, say("without_devices", { n: amount(without) })) : null,
  ];
}

function chooseCommune(commune) {
  chosen.set("commune", commune.code);
  showChoices();
  filter();
  toExplorer();
}
