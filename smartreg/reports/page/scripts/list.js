// The list: the same records as on the map, and those that have no place.
const PAGE = window.matchMedia(WIDE).matches ? 12 : 8;
let page = 0;
let order = { column: 1, down: false };

const pages = document.getElementById("explorer").dataset.pages; // the address below which the desk has a page of each record

function toPage(record) {
  const [path, query] = pages.split("?");
  return el("a", { href: path + record.kind.name + "/" + encodeURIComponent(record.id) + (query ? "?" + query : "") }, titleOf(record));
}

// What hangs on something first, then what has a place, then the schemas' order from its end: what others name is the last.
[...data.kinds].reverse().sort((a, b) => b.hangs - a.hangs || b.placed - a.placed).forEach((kind, rank) => { kind.rank = rank; });

// Name of the column, text, and what it is sorted by where that is not the text.
const COLUMNS = [
  ["record", titleOf],
  ["kind", (record) => said(record.kind.title), (record) => record.kind.rank],
  ["status", statusOf],
  ["commune", communeOf],
];

function drawList() {
  const [, text, key = text] = COLUMNS[order.column];
  const sorted = [...shown].sort((a, b) => compared(key(a), key(b)) * (order.down ? -1 : 1));
  const last = Math.max(0, Math.ceil(sorted.length / PAGE) - 1);
  page = Math.min(page, last);
  const rows = sorted.slice(page * PAGE, (page + 1) * PAGE);
  const head = COLUMNS.map(([name], index) => {
    const sort = order.column === index ? (order.down ? "descending" : "ascending") : null;
    const act = () => { order = { column: index, down: sort === "ascending" }; page = 0; drawList(); refocus("sort-" + name); };
    return el("th", { scope: "col", "aria-sort": sort }, button(say(name), act, { id: "sort-" + name, class: "sort", title: say("sort", { name: say(name) }) }));
  });
  const body = rows.map((record) =>
    el(
      "tr",
      null,
      el("th", { scope: "row" }, titleIn(record)),
      COLUMNS.slice(1).map(([, text]) => el("td", null, text(record))),
    ),
  );
  const whole = el("table", null, el("caption", { class: "unseen" }, say("list")), el("thead", null, el("tr", null, head)), el("tbody", null, body));
  fill(document.getElementById("list"), shown.length ? scrolling(say("list"), whole) : el("p", null, say("empty")), pager(sorted.length, last));
  hintScrolls();
}

// On the desk the title leads to the page of the record, and its id shows it on the map.
function titleIn(record) {
  const title = titleOf(record);
  if (pages) return [toPage(record), el("span", { class: "quiet" }, opener(record, record.id))];
  return [opener(record, title), title === record.id ? null : el("span", { class: "quiet" }, record.id)];
}

function pager(all, last) {
  if (!last) return null;
  const go = (to, id) => () => { page = to; drawList(); refocus(id); };
  const told = say("page_of", { from: amount(page * PAGE + 1), to: amount(Math.min(all, (page + 1) * PAGE)), all: amount(all) });
  return el(
    "p",
    { class: "pager" },
    button(say("previous"), go(page - 1, page > 1 ? "previous" : "next"), { title: told, id: "previous", disabled: page === 0 }),
    el("span", null, told),
    button(say("next"), go(page + 1, page + 1 < last ? "next" : "previous"), { title: told, id: "next", disabled: page === last }),
  );
}

function refocus(id) {
  const node = document.getElementById(id);
  if (node) node.focus();
}

// Opens the details of a record.
function opener(record, text) {
  return button(text, () => open(record, { pan: true, focus: true }), { class: "link" });
}

whenFiltered.push(() => { page = 0; drawList(); });
