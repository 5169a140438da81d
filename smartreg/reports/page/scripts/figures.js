// B1 to B14: measures, tables, charts; what cannot be computed says why.
const SHAPES = {
  count: { maximumFractionDigits: 0 },
  number: { maximumFractionDigits: 2 },
  share: { style: "percent", maximumFractionDigits: 1 },
  money: { style: "currency", currency: "EUR" },
  days: { maximumFractionDigits: 1 },
};

function isNumber(column) {
  return column.kind in SHAPES;
}

function cellText(value, column) {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return said(value[1]);
  if (typeof value === "number" && isNumber(column)) return amount(value, SHAPES[column.kind]);
  return column.kind === "date" ? day(value) : String(value);
}

function cell(value, column) {
  const record = Array.isArray(value) && value[2] ? byName.get(value[2]) : null;
  return record ? opener(record, cellText(value, column)) : cellText(value, column);
}

function drawFigures() {
  section("figures", figuresHead(), data.figures.map(figure), conclusion());
  document.getElementById("figures").hidden = !data.figures.length;
}

// What people wrote stands as they wrote it.
function conclusion() {
  if (!data.conclusion) return null;
  return el("article", { class: "figure", id: "conclusion" }, el("h3", null, say("conclusion")), el("div", { class: "written" }, data.conclusion));
}

function figuresHead() {
  const period = data.source.period;
  if (!period || !period.from) return null;
  return el("p", { class: "quiet" }, say("period", { from: day(period.from), to: day(period.until) }));
}

function figure(item) {
  return el(
    "article",
    { class: "figure", id: "figure-" + item.code },
    el("h3", null, item.code + " ", said(item.title)),
    item.why_not ? notComputed(item.why_not) : null,
    item.measures.length ? el("dl", { class: "measures" }, item.measures.map(measure)) : null,
    item.tables.map(figureTable),
    item.notes.map((note) => el("p", { class: "quiet" }, dated(said(note)))),
  );
}

function notComputed(why) {
  return el("p", { class: "why" }, say("not_computed", { why: dated(said(why)) }));
}

function measure(item) {
  const known = item.value !== null;
  const parts = item.parts ? el("span", { class: "quiet" }, ` (${amount(item.parts[0])} / ${amount(item.parts[1])})`) : null;
  const value = known ? [el("b", null, cellText(item.value, item)), parts] : el("span", { class: "why" }, item.why_not ? dated(said(item.why_not)) : say("unknown"));
  return el("div", null, el("dt", null, dated(said(item.words))), el("dd", null, value));
}

function figureTable(table) {
  if (!table.rows.length && !table.why_not) return null;
  if (!table.rows.length) return [el("h4", null, said(table.title)), notComputed(table.why_not)];
  const columns = table.columns.map((column, index) => ({
    words: said(column.words),
    number: isNumber(column),
    cell: (row) => cell(row[index], column),
  }));
  const drawn = chart(table);
  return el(
    "div",
    { class: "beside" },
    drawn ? el("div", { class: "drawn" }, scrolling(said(table.title), el("div", null, drawn))) : null,
    paged(said(table.title), columns, table.rows),
  );
}
