// A table that people sort, a page at a time; a row may have details that open below it.
const MANY = window.innerWidth < 640 ? 6 : 8;
const ON_PAPER = 200; // rows: on paper nobody can turn over a table

// `columns`: { words, number, cell(row), key(row) }: without a key, a column cannot be sorted by. `more(row)`: what opens.
function sortable(caption, columns, rows, more, first) {
  const holder = el("div", { class: "paged" });
  const state = { many: MANY, at: 0, column: null, down: false, open: new Set(), ...first };
  const draw = (focus, paper) => {
    const sorted = inOrder(rows, columns, state);
    const last = Math.max(0, Math.ceil(sorted.length / state.many) - 1);
    const body = paper ? sorted.slice(0, ON_PAPER) : sorted.slice(state.at * state.many, (state.at + 1) * state.many);
    const head = columns.map((column, index) => heading(column, index, state, draw));
    const lines = body.map((row) => line(columns, row, more, state, draw));
    const rest = paper && rows.length > ON_PAPER ? el("p", { class: "quiet" }, say("on_paper", { n: amount(ON_PAPER), all: amount(rows.length) })) : null;
    fill(holder, tableOf(caption, head, lines), paper ? rest : last ? turner(rows.length, last, state, draw) : null);
    if (focus) holder.querySelector(`[data-act="${focus}"]`)?.focus();
    hintScrolls();
  };
  holder.addEventListener("paper", ({ detail }) => draw(null, detail));
  draw();
  return holder;
}

// On paper, tables that can be seen there have all their rows.
function drawTablesForPaper(paper) {
  for (const holder of document.querySelectorAll(".paged")) {
    if (!holder.closest("details:not([open])")) holder.dispatchEvent(new CustomEvent("paper", { detail: paper }));
  }
}

window.addEventListener("beforeprint", () => drawTablesForPaper(true));
window.addEventListener("afterprint", () => drawTablesForPaper(false));

function inOrder(rows, columns, { column, down }) {
  if (column === null) return rows;
  const key = columns[column].key;
  const known = rows.filter((row) => key(row) !== null && key(row) !== undefined);
  const unknown = rows.filter((row) => key(row) === null || key(row) === undefined);
  return [...known.sort((a, b) => compared(key(a), key(b)) * (down ? -1 : 1)), ...unknown];
}

function heading(column, index, state, draw) {
  const shape = { scope: "col", class: column.number ? "number" : null };
  const words = capital(column.words);
  if (!column.key) return el("th", shape, words);
  const sorted = state.column === index ? (state.down ? "descending" : "ascending") : null;
  const act = () => {
    state.down = sorted ? !state.down : Boolean(column.number);
    Object.assign(state, { column: index, at: 0 });
    draw("sort" + index);
  };
  return el("th", { ...shape, "aria-sort": sorted }, button(words, act, { class: "sort", title: say("sort", { name: column.words }), "data-act": "sort" + index }));
}

function line(columns, row, more, state, draw) {
  const cells = columns.map((column, index) =>
    el(index || column.number ? "td" : "th", { scope: index || column.number ? null : "row", class: column.number ? "number" : column.day ? "day" : null }, index || !more ? column.cell(row) : discloser(column.cell(row), row, state, draw)),
  );
  const open = more && state.open.has(row);
  return [el("tr", null, cells), open ? el("tr", { class: "more" }, el("td", { colspan: columns.length }, el("div", null, more(row)))) : null];
}

function discloser(text, row, state, draw) {
  const open = state.open.has(row);
  const name = "open" + String(row[0] && row[0][0]).replace(/["\\]/g, "");
  const act = () => { open ? state.open.delete(row) : state.open.add(row); draw(name); };
  return button(text, act, { class: "disclose", "aria-expanded": String(open), "data-act": name });
}

function turner(all, last, state, draw) {
  const step = (by, name) => () => { state.at += by; draw(name); };
  const told = say("page_of", { from: amount(state.at * state.many + 1), to: amount(Math.min(all, (state.at + 1) * state.many)), all: amount(all) });
  return el(
    "p",
    { class: "pager" },
    button(say("previous"), step(-1, state.at > 1 ? "previous" : "next"), { title: told, disabled: state.at === 0, "data-act": "previous" }),
    el("span", null, told),
    button(say("next"), step(1, state.at + 1 < last ? "next" : "previous"), { title: told, disabled: state.at === last, "data-act": "next" }),
  );
}

function plainTable(caption, columns, rows) {
  const head = columns.map((column) => el("th", { scope: "col", class: column.number ? "number" : null }, capital(column.words)));
  return tableOf(caption, head, rows.map((row) => line(columns, row, null, null, null)));
}

function tableOf(caption, head, lines) {
  const told = typeof caption === "string" ? caption : caption.text;
  const table = el("table", null, el("caption", { class: caption.unseen ? "unseen" : null }, told), el("thead", null, el("tr", null, head)), el("tbody", null, lines));
  return scrolling(told, table);
}

// What is wider than its place says so, and is a stop of the keyboard, by which arrows scroll it: a group, because regions
// are few on a page. What fits is neither.
function hintScrolls() {
  for (const node of document.querySelectorAll(".scroll")) {
    const wide = node.scrollWidth > node.clientWidth + 1;
    node.classList.toggle("wide", wide);
    const told = { tabindex: 0, role: "group", "aria-label": node.dataset.label };
    for (const [name, value] of Object.entries(told)) wide ? node.setAttribute(name, value) : node.removeAttribute(name);
  }
}
