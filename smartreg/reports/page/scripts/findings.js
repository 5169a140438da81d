// What the rules find, the gravest first, with filters of its own.
const asked = { severity: "", code: "" };

function mark(severity) {
  return el("span", { class: "grade " + severity }, say(severity));
}

function drawFindings() {
  if (!data.findings) {
    section("findings", data.why_no_findings ? el("p", null, said(data.why_no_findings)) : null);
    document.getElementById("findings").hidden = !data.why_no_findings;
    return;
  }
  const { counts, listed, more } = data.findings;
  const told = Object.entries(counts).map(([severity, number]) => [mark(severity), " ", amount(number), " "]);
  const holder = el("div");
  section(
    "findings",
    el("p", null, listed.length ? told : say("no_findings")),
    listed.length
      ? folding("open_findings", el("div", { class: "choices" }, findingChoice("severity", 0, holder), findingChoice("code", 1, holder)), holder)
      : null,
    more ? el("p", null, say("more_findings", { n: amount(more) })) : null,
  );
  if (listed.length) findingsTable(holder);
}

function findingChoice(name, place, holder) {
  const values = [...new Set(data.findings.listed.map((item) => item[place]))];
  const text = (value) => (place ? value : say(value));
  const change = (event) => { asked[name] = event.target.value; findingsTable(holder); };
  const options = values.map((value) => el("option", { value, selected: asked[name] === value }, text(value)));
  const box = el("select", { id: "finding-" + name, on: { change } }, el("option", { value: "" }, say("all")), options);
  return el("p", null, el("label", { for: "finding-" + name }, say(name)), box);
}

function findingsTable(holder) {
  const rows = data.findings.listed.filter(([severity, code]) => (!asked.severity || asked.severity === severity) && (!asked.code || asked.code === code));
  const columns = [
    { words: say("code"), cell: ([severity, code]) => [mark(severity), " ", code] },
    { words: say("record"), cell: ([, , , , file, , name]) => (byName.has(name) ? opener(byName.get(name), titleOf(byName.get(name))) : file) },
    { words: say("message"), cell: ([, , message, hint]) => [said(message), hint ? el("div", { class: "quiet" }, said(hint)) : null] },
  ];
  fill(holder, sortable({ text: say("findings"), unseen: true }, columns, rows));
}
