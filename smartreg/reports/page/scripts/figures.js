// B1 to B14: measures and one chart each; tables and definition open on demand; what cannot be computed says why.
const NUMBERS = ["count", "number", "share", "money", "days"];

function isNumber(column) {
  return NUMBERS.includes(column.kind);
}

// The numbers of a column have the same decimals, so that they stand in line; those of different units have not.
function cellText(value, column) {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return textOf(value);
  if (typeof value !== "number" || !isNumber(column)) return column.kind === "date" ? day(value) : String(value);
  const digits = column.decimals === null ? { maximumFractionDigits: 2 } : { minimumFractionDigits: column.decimals, maximumFractionDigits: column.decimals };
  if (column.kind === "share") return shareText(value, column.decimals ?? 1);
  return amount(value, column.kind === "money" ? { style: "currency", currency: "EUR", ...digits } : digits);
}

// Rounding makes neither all nor nothing of a share: "over 99.9%", "under 0.1%" (as `_share` of wording.py).
function shareText(value, decimals) {
  const percent = 100 * value, least = 10 ** -decimals, shown = Number(percent.toFixed(decimals));
  const text = (number) => amount(number / 100, { style: "percent", minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  if (Math.abs(percent - shown) <= 1e-9 || (shown !== 0 && shown !== 100)) return text(percent);
  if (shown === 0) return say("under", { share: text(least) });
  return say("over", { share: text(percent < 100 ? 100 - least : 100) });
}

// The words of a label, or the name of the record that it is.
function textOf([code, words, rid]) {
  if (!rid) return said(words);
  return byName.has(rid) ? titleOf(byName.get(rid)) : code;
}

function cell(value, column) {
  return Array.isArray(value) ? named(value) : cellText(value, column);
}

function drawFigures() {
  section("figures", communeChoice(), el("div", { class: "cards" }));
  document.getElementById("figures").hidden = !data.figures.length;
  drawCards();
}

function drawCards() {
  const cards = document.querySelector("#figures .cards");
  const open = [...cards.children].filter((card) => card.querySelector("details[open]")).map((card) => card.id);
  fill(cards, data.figures.map(figure), streamsCard());
  for (const id of open) document.querySelector(`#${id} details`).open = true;
  const observer = new ResizeObserver((seen) => seen.forEach(({ target }) => tile(target)));
  for (const card of cards.children) observer.observe(card);
  drawnFor = chosen.get("commune") || "";
  const about = document.getElementById("of-commune");
  if (about) fill(about, data.local[drawnFor] ? say("of_commune", { commune: communeName(drawnFor) }) : null);
}

// The commune whose measures the cards show: that of the filters, so that map, list and figures are of the same.
let drawnFor = "";

function communeName(code) {
  return data.communes[code] || code;
}

function communeChoice() {
  const codes = Object.keys(data.local).sort((a, b) => compared(communeName(a), communeName(b)));
  if (codes.length < 2) return null;
  const option = (code, text) => el("option", { value: code, selected: (chosen.get("commune") || "") === code }, text);
  const change = (event) => { chosen.set("commune", event.target.value); showChoices(); filter(); };
  const box = el("select", { id: "my-commune", on: { change } }, option("", say("whole_territory")), codes.map((code) => option(code, communeName(code))));
  return el("div", { class: "mine" }, el("p", null, el("label", { for: "my-commune" }, say("my_commune")), box), el("p", { id: "of-commune", class: "quiet" }));
}

whenFiltered.push(() => {
  const code = chosen.get("commune") || "";
  const box = document.getElementById("my-commune");
  if (box) box.value = data.local[code] ? code : "";
  if (code !== drawnFor && (data.local[code] || data.local[drawnFor])) drawCards();
});

const ROW = 8; // px: cards of unequal height stand closely in rows of this height

function tile(card) {
  card.style.gridRowEnd = "span " + Math.ceil((card.getBoundingClientRect().height + 2 * ROW) / ROW);
}

function figure(item) {
  const lead = item.tables.find((table) => table.chart && table.rows.length);
  const drawn = lead && isTelling(lead) ? chart(lead) : null;
  return el(
    "article",
    { class: "card figure", id: "figure-" + item.code },
    el("h3", null, el("span", { class: "source" }, item.code), " ", said(item.title)),
    item.why_not ? notComputed(item.why_not) : null,
    localOf(item) === null ? el("p", { class: "quiet" }, capital(say("whole_territory"))) : null,
    item.measures.length ? el("dl", { class: "measures" }, item.measures.filter(isKnown).map((one) => measure(one, localOf(item))), missing(item.measures)) : null,
    drawn && !NARROW ? el("div", { class: "drawn" }, drawn) : null,
    el(
      "details",
      { on: { toggle: hintScrolls } },
      el("summary", null, say(drawn && NARROW ? "chart_tables" : "tables"), el("span", { class: "unseen" }, colon(), said(item.title))),
      item.definition ? el("p", null, say("definition", { text: said(item.definition) })) : null,
      item.notes.map((note) => el("p", { class: "quiet" }, dated(said(note)))),
      drawn && NARROW ? el("div", { class: "drawn" }, drawn) : null,
      item.tables.map((table) => figureTable(table, item)),
      item.measures.length ? downloader(say("csv"), said(item.title), item.code.toLowerCase() + ".csv", () => measureRows(item.measures, localOf(item))) : null,
    ),
  );
}

// One bar says no more than its number; what belongs to whom among the findings opens with the tables.
function isTelling(table) {
  return table.rows.length > 1 && table.chart.drawn !== "stacked";
}

function notComputed(why) {
  return el("p", { class: "why" }, say("not_computed", { why: dated(said(why)) }));
}

function isKnown(item) {
  return item.value !== null;
}

// What cannot be computed, by the reason why.
function missing(measures) {
  const reasons = new Map();
  for (const item of measures.filter((one) => !isKnown(one))) {
    const why = item.why_not ? dated(said(item.why_not)) : say("unknown");
    reasons.set(why, [...(reasons.get(why) || []), dated(said(item.words))]);
  }
  return [...reasons].map(([why, names]) => el("div", { class: "missing" }, names.map((name) => el("dt", null, capital(name))), el("dd", { class: "why" }, why)));
}

// Where a commune is chosen: key → value, part and whole there; null of a figure that is only of the whole territory.
function localOf(item) {
  const found = data.local[chosen.get("commune")];
  return found ? found[item.code] || (LOCAL.has(item.code) ? {} : null) : undefined;
}

const LOCAL = new Set(Object.values(data.local).flatMap((found) => Object.keys(found)));

function measure(item, local) {
  if (local) return localMeasure(item, local[item.key]);
  const parts = item.parts ? [" ", el("span", { class: "quiet" }, partsOf(item.parts))] : null;
  return el("div", null, el("dt", null, capital(dated(said(item.words)))), el("dd", null, el("b", null, cellText(item.value, item)), parts), item.change ? el("dd", { class: "change" }, said(item.change)) : null);
}

function partsOf([part, all]) {
  return `(${say("part_of", { n: amount(part), all: amount(all) })})`;
}

function localMeasure(item, found) {
  const [value, ...parts] = found || [];
  const there = found ? [el("b", null, cellText(value, item)), parts.length ? [" ", el("span", { class: "quiet" }, partsOf(parts))] : null] : null;
  return el("div", null, el("dt", null, capital(dated(said(item.words)))), there ? el("dd", null, there) : null, el("dd", { class: "change" }, say("for_all", { value: cellText(item.value, item) })));
}

function columnsOf(table) {
  return table.columns.map((column, index) => ({
    words: said(column.words),
    number: isNumber(column),
    day: column.kind === "date",
    cell: (row) => cell(row[index], column),
    key: (row) => (Array.isArray(row[index]) ? textOf(row[index]) : row[index]),
  }));
}

function figureTable(table, item) {
  if (!table.rows.length) return table.why_not ? [el("h4", null, said(table.title)), notComputed(table.why_not)] : null;
  const name = item.code.toLowerCase() + "_" + table.name + ".csv";
  return [sortable(said(table.title), columnsOf(table), table.rows), downloader("CSV", said(table.title), name, () => tableRows(table))];
}
