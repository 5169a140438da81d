// Which records are shown: one choice for each facet, and words that must all occur.
const NOTHING = [];
const chosen = new Map();
const whenFiltered = [];
let shown = records;

const facets = new Map([
  ["kind", { words: data.words.kind, of: (record) => [record.kind.name], text: (key) => said(kinds.get(key).title), listed: [] }],
]);
if (records.some((record) => record.commune)) {
  const text = (code) => data.communes[code] || code;
  facets.set("commune", { words: data.words.commune, of: (record) => (record.commune ? [record.commune] : []), text, listed: [] });
}
for (const kind of [...data.kinds].sort((a, b) => b.hangs - a.hangs || b.placed - a.placed)) {
  for (const field of kind.fields.filter((item) => item.facet && !facets.has(item.name))) {
    facets.set(field.name, {
      words: field.title,
      of: (record) => (record.kind.field.get(field.name)?.facet ? texts(valueOf(record, field.name)) : NOTHING),
      text: (key) => facetText(field.name, key),
      listed: [...new Set(data.kinds.flatMap((other) => Object.keys(other.fields.find((item) => item.name === field.name)?.labels || {})))],
    });
  }
}

function texts(value) {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : NOTHING;
}

function facetText(name, key) {
  for (const kind of data.kinds) {
    const field = kind.field.get(name);
    if (field && field.labels && Object.hasOwn(field.labels, key)) return said(field.labels[key]);
    const target = field ? refsOf(field, key)[0] : null;
    if (target) return titleOf(target);
  }
  return key;
}

// How often each value occurs. A facet that tells nothing apart is not offered, nor one of so many values that searching
// is quicker than choosing.
const CHOICES = 300;
for (const [name, facet] of facets) {
  facet.counts = new Map();
  for (const record of records) {
    for (const key of new Set(facet.of(record))) facet.counts.set(key, (facet.counts.get(key) || 0) + 1);
  }
  if (facet.counts.size < 2 || facet.counts.size > CHOICES) facets.delete(name);
}

function searched(record) {
  if (record.searched === undefined || record.searchedIn !== lang) {
    const words = [record.id, titleOf(record), statusOf(record), communeOf(record), JSON.stringify(record.values)];
    record.searched = folded(words.join(" "));
    record.searchedIn = lang;
  }
  return record.searched;
}

function filter() {
  const words = folded(chosen.get("search") || "").split(/\s+/).filter(Boolean);
  const tests = [...facets].filter(([name]) => chosen.get(name)).map(([name, facet]) => [facet, chosen.get(name)]);
  shown = records.filter(
    (record) =>
      tests.every(([facet, key]) => facet.of(record).includes(key)) &&
      (!words.length || words.every((word) => searched(record).includes(word))),
  );
  for (const act of whenFiltered) act();
}

function choose(choices) {
  chosen.clear();
  for (const [name, key] of Object.entries(choices)) chosen.set(name, key);
  showChoices();
  filter();
}

// What is chosen, in the fields that stand there already: the focus stays, and readers of the screen hear the count.
function showChoices() {
  document.getElementById("search").value = chosen.get("search") || "";
  for (const name of facets.keys()) {
    const box = document.getElementById("filter-" + name);
    box.value = chosen.get(name) || "";
    if (box.value) for (let fold = box.closest("details"); fold; fold = fold.parentNode.closest("details")) fold.open = true;
  }
}

const FIRST = 6; // facets before "more filters"

// Search stands open; filters are folded where the screen is narrow, the rarer ones everywhere.
function drawFilters() {
  const search = el("input", {
    type: "search", id: "search", value: chosen.get("search") || "", placeholder: say("search_hint"), autocomplete: "off",
    on: { input: (event) => { chosen.set("search", event.target.value); filter(); } },
  });
  const selects = [...facets].map(([name, facet]) => select(name, facet));
  const names = [...facets.keys()];
  const active = (some) => some.some((name) => chosen.get(name));
  const folds = document.getElementById("fold");
  const open = folds ? folds.open : window.matchMedia(WIDE).matches || active(names);
  const more = selects.slice(FIRST);
  fill(
    document.getElementById("filters"),
    el("div", { class: "first" },
      el("p", { class: "wide" }, el("label", { for: "search" }, say("search")), search),
      el("p", { class: "act" }, button(say("reset"), () => choose({})), el("output", { id: "found", "aria-live": "polite" })),
    ),
    el(
      "details",
      { id: "fold", open },
      el("summary", null, say("filters")),
      el("div", { class: "choices" }, selects.slice(0, FIRST)),
      more.length ? el("details", { open: active(names.slice(FIRST)) }, el("summary", null, say("more_filters")), el("div", { class: "choices" }, more)) : null,
    ),
  );
}

function select(name, facet) {
  const keys = [...facet.counts.keys()].sort((a, b) => compared(facet.text(a), facet.text(b)));
  const options = keys.map((key) =>
    el("option", { value: key, selected: chosen.get(name) === key }, facet.text(key) + " (" + amount(facet.counts.get(key)) + ")"),
  );
  const change = (event) => { chosen.set(name, event.target.value); filter(); };
  const box = el("select", { id: "filter-" + name, on: { change } }, el("option", { value: "" }, say("all")), options);
  return el("p", null, el("label", { for: "filter-" + name }, said(facet.words)), box);
}

whenFiltered.push(() => {
  const there = shown.filter((record) => record.place).length;
  const told = say("found", { n: amount(shown.length), all: amount(records.length) });
  fill(document.getElementById("found"), told, there ? " · " + say("on_map", { n: amount(there) }) : "");
});
