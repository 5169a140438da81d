// B1 to B14: measures and one chart each; tables and definition open on demand; what cannot be computed says why.
const NUMBERS = ["count", "number", "share", "money", "days"];

function isNumber(column) {
  return NUMBERS.includes(column.kind);
}

// The numbers of a column have the same decimals, so that they stand in line.
function cellText(value, column) {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return said(value[1]);
  if (typeof value !== "number" || !isNumber(column)) return column.kind === "date" ? day(value) : String(value);
  const digits = { minimumFractionDigits: column.decimals, maximumFractionDigits: column.decimals };
  if (column.kind === "share") return amount(value, { style: "percent", ...digits });
  return amount(value, column.kind === "money" ? { style: "currency", currency: "EUR", ...digits } : digits);
}

function cell(value, column) {
  return Array.isArray(value) ? named(value) : cellText(value, column);
}

function drawFigures() {
  const cards = el("div", { class: "cards" }, data.figures.map(figure), streamsCard());
  section("figures", cards);
  document.getElementById("figures").hidden = !data.figures.length;
  const observer = new ResizeObserver((seen) => seen.forEach(({ target }) => tile(target)));
  for (const card of cards.children) observer.observe(card);
}

const ROW = 8; // px: cards of unequal height stand closely in rows of this height

function tile(card) {
  card.style.gridRowEnd = "span " + Math.ceil((card.getBoundingClientRect().height + 2 * ROW) / ROW);
}

function figure(item) {
  const drawn = item.tables.map(chart).find(Boolean);
  return el(
    "article",
    { class: "card figure", id: "figure-" + item.code },
    el("h3", null, el("span", { class: "source" }, item.code), " ", said(item.title)),
    item.why_not ? notComputed(item.why_not) : null,
    item.measures.length ? el("dl", { class: "measures" }, item.measures.map(measure)) : null,
    drawn && !NARROW ? el("div", { class: "drawn" }, drawn) : null,
    el(
      "details",
      { on: { toggle: hintScrolls } },
      el("summary", null, say(drawn && NARROW ? "chart_tables" : "tables"), el("span", { class: "unseen" }, colon(), said(item.title))),
      item.definition ? el("p", null, say("definition", { text: said(item.definition) })) : null,
      item.notes.map((note) => el("p", { class: "quiet" }, dated(said(note)))),
      drawn && NARROW ? el("div", { class: "drawn" }, drawn) : null,
      item.tables.map(figureTable),
    ),
  );
}

function notComputed(why) {
  return el("p", { class: "why" }, say("not_computed", { why: dated(said(why)) }));
}

function measure(item) {
  const known = item.value !== null;
  const parts = item.parts ? el("span", { class: "quiet" }, ` (${amount(item.parts[0])} / ${amount(item.parts[1])})`) : null;
  const value = known ? [el("b", null, cellText(item.value, item)), parts] : el("span", { class: "why" }, item.why_not ? dated(said(item.why_not)) : say("unknown"));
  return el("div", { class: known ? null : "missing" }, el("dt", null, dated(said(item.words))), el("dd", null, value));
}

function columnsOf(table) {
  return table.columns.map((column, index) => ({
    words: said(column.words),
    number: isNumber(column),
    day: column.kind === "date",
    cell: (row) => cell(row[index], column),
    key: (row) => (Array.isArray(row[index]) ? said(row[index][1]) : row[index]),
  }));
}

function figureTable(table) {
  if (!table.rows.length) return table.why_not ? [el("h4", null, said(table.title)), notComputed(table.why_not)] : null;
  return sortable(said(table.title), columnsOf(table), table.rows);
}
