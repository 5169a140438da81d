// Conventions and parties: one table each, sorted at will; what is known of one opens below its row.
const SHOWN_COLUMNS = { conventions: 5, parties: 6 }; // the rest opens with the row

function drawConventions() {
  register("conventions", (record) => {
    const term = data.terms[record.id];
    return [
      el("h3", null, titleOf(record)),
      term ? el("p", null, el("b", null, say(term.standing)), term.start ? [" · ", termText(term)] : null) : null,
      term && term.amendment ? el("p", { class: "quiet" }, readAs(term)) : null,
      properties(record),
      term && term.responsible.length ? responsibilities(term.responsible) : null,
      backwards(record),
    ];
  });
}

function drawParties() {
  register("parties", (record) => [el("h3", null, titleOf(record)), properties(record), backwards(record)], "equipment");
  const kind = kinds.get("party");
  const all = kind ? records.filter((record) => record.kind === kind).length : 0;
  const idle = all - (data.registers.parties ? data.registers.parties.rows.length : 0);
  if (idle > 0) document.getElementById("parties").append(el("p", { class: "quiet" }, say("idle_parties", { n: amount(idle) })));
}

// `largest`: the column that the table is sorted by at first, the largest value on top.
function register(name, more, largest) {
  const table = data.registers[name];
  if (!table || !table.rows.length) {
    section(name, el("p", null, table && table.why_not ? said(table.why_not) : say("none_yet")));
    return;
  }
  const columns = columnsOf(table).slice(0, SHOWN_COLUMNS[name]);
  columns[0].cell = (row) => cellText(row[0], table.columns[0]);
  const opens = (row) => (byName.has(row[0][2]) ? more(byName.get(row[0][2])) : null);
  const first = { many: 6, column: largest ? table.columns.findIndex((column) => column.key === largest) : null, down: Boolean(largest) };
  section(
    name,
    sortable({ text: say(name), unseen: true }, columns, table.rows, opens, first),
    downloader("CSV", say(name), name + ".csv", () => tableRows(table)),
  );
}

function readAs(term) {
  return say("as_amended", { day: day(data.source.reference_date), number: term.amendment });
}

function termText(term) {
  return say(term.last ? "from_to" : "from_on", { from: day(term.start), to: day(term.last) });
}

function responsibilities(rows) {
  const party = (id) => byName.get("party/" + id);
  return plainTable(
    say("responsible"),
    [
      { words: say("party"), cell: ([id]) => (party(id) ? opener(party(id), titleOf(party(id))) : id) },
      { words: say("role"), cell: ([, role]) => say(role) },
      { words: say("records"), cell: ([, , list]) => names(list.flatMap(([kind, places]) => places.map((place) => kinds.get(kind).records[place])), 3) },
    ],
    rows,
  );
}
