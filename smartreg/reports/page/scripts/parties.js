// A section for each party that something names: what it is, its conventions, what it owns, runs, hosts, produces.
function drawParties() {
  const found = ofKind("party");
  const named = found.filter((record) => namedBy(record).length);
  const rest = found.filter((record) => !namedBy(record).length);
  named.sort((a, b) => namedBy(b).length - namedBy(a).length || compared(a.id, b.id));
  section(
    "parties",
    named.map((record) =>
      el(
        "article",
        { class: "card", id: "party-" + record.id },
        el("h3", null, titleOf(record)),
        el("p", { class: "quiet" }, record.id),
        properties(record),
        backwards(record),
      ),
    ),
    rest.length ? el("p", { class: "quiet" }, say("unnamed", { n: amount(rest.length), list: rest.map(titleOf).join(", ") })) : null,
  );
  document.getElementById("parties").hidden = !found.length;
}
