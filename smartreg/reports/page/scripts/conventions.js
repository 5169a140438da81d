// A section for each convention: how it stands, its parties and acts, who is responsible for what under it.
function ofKind(name) {
  const kind = kinds.get(name);
  return kind ? records.filter((record) => record.kind === kind) : [];
}

function drawConventions() {
  const found = ofKind("convention");
  section("conventions", found.map(convention));
  document.getElementById("conventions").hidden = !found.length;
}

function convention(record) {
  const term = data.terms[record.id];
  return el(
    "article",
    { class: "card", id: "convention-" + record.id },
    el("h3", null, titleOf(record)),
    el("p", { class: "quiet" }, record.id),
    term ? el("p", null, el("b", null, say(term.standing)), term.start ? [" · ", termText(term)] : null) : null,
    term && term.amendment ? el("p", { class: "quiet" }, readAs(term)) : null,
    properties(record),
    term && term.responsible.length ? responsibilities(term.responsible) : null,
    backwards(record),
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
      { words: say("records"), cell: ([, , list]) => names(list.map((name) => byName.get(name)).filter(Boolean)) },
    ],
    rows,
  );
}
