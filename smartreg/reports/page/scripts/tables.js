// A table of many rows, a page at a time; cells are texts or elements.
const MANY = 50;

// `columns`: { words, number, cell(row) }.
function paged(caption, columns, rows) {
  const holder = el("div", { class: "paged" });
  let at = 0;
  const draw = (focus) => {
    const last = Math.max(0, Math.ceil(rows.length / MANY) - 1);
    const body = rows.slice(at * MANY, (at + 1) * MANY);
    const step = (by) => () => { at += by; draw(by); };
    const buttons = [
      button(say("previous"), step(-1), { disabled: at === 0 }),
      button(say("next"), step(1), { disabled: at === last }),
    ];
    const told = say("page_of", { from: amount(at * MANY + 1), to: amount(Math.min(rows.length, (at + 1) * MANY)), all: amount(rows.length) });
    fill(holder, plainTable(caption, columns, body), last ? el("p", { class: "pager" }, buttons[0], el("span", null, told), buttons[1]) : null);
    if (focus && last) (buttons[focus < 0 ? 0 : 1].disabled ? buttons[focus < 0 ? 1 : 0] : buttons[focus < 0 ? 0 : 1]).focus();
  };
  draw(0);
  return holder;
}

function plainTable(caption, columns, rows) {
  const head = columns.map((column) => el("th", { scope: "col", class: column.number ? "number" : null }, column.words));
  const body = rows.map((row) =>
    el("tr", null, columns.map((column, index) =>
      el(index || column.number ? "td" : "th", { scope: index || column.number ? null : "row", class: column.number ? "number" : null }, column.cell(row)),
    )),
  );
  const told = typeof caption === "string" ? caption : caption.text;
  const table = el("table", null, el("caption", { class: caption.unseen ? "unseen" : null }, told), el("thead", null, el("tr", null, head)), el("tbody", null, body));
  return scrolling(told, table);
}
