// What changed since the date that was asked for.
function drawChanges() {
  const told = data.changes;
  if (!told) {
    section("changes", data.why_no_changes ? el("p", null, dated(said(data.why_no_changes))) : null);
    document.getElementById("changes").hidden = !data.why_no_changes;
    return;
  }
  const counts = Object.entries(told.counts).map(([kind, number]) => amount(number) + " " + say((number < 2 ? "change_" : "changes_") + kind));
  section(
    "changes",
    el("p", null, sinceWhen(told), counts.length ? colon() + counts.join(", ") : ""),
    said(told.graded) ? el("p", null, said(told.graded)) : null,
    told.changes.length ? folding("open_changes", el("p", { class: "quiet" }, bothSides(told)), changesTable(told.changes)) : el("p", null, say("no_changes")),
    told.more ? el("p", null, say("more_changes", { n: amount(told.more) })) : null,
  );
}

// A reader asks since when; whoever checks the page, from which state to which.
function sinceWhen(told) {
  const name = said(told.before[0]);
  return day(name) === name ? bothSides(told) : say("changes_since", { day: day(name, "long") });
}

function bothSides({ before, after }) {
  const side = ([name, short]) => day(said(name)) + (short && short !== said(name) ? " (" + short + ")" : "");
  return say("changes_between", { before: side(before), after: side(after) });
}

// What is opened on demand.
function folding(name, ...children) {
  return el("details", { on: { toggle: hintScrolls } }, el("summary", null, say(name)), children);
}

function changesTable(changes) {
  return sortable(
    { text: say("changes"), unseen: true },
    [
      { words: say("record"), cell: ([, name]) => (byName.has(name) ? opener(byName.get(name), titleOf(byName.get(name))) : name) },
      { words: say("change"), cell: ([kind]) => el("span", { class: "grade " + kind }, say("change_" + kind)) },
      { words: say("what"), cell: ([, name, label, english, french, after]) => whatChanged(byName.has(name) ? "" : said(label), lang === "fr" ? french : english, after) },
    ],
    changes,
  );
}

function whatChanged(label, rows, after) {
  const fields = rows.map(([name, before, now, note]) =>
    el("li", null, dated(name), colon(), before ? el("del", null, day(before)) : null, before && now ? " → " : "", now ? el("ins", null, day(now)) : null, note ? ` (${note})` : ""),
  );
  const effects = after.map(([grade, title, text]) => el("li", { class: "effect " + grade }, said(title) ? el("b", null, said(title), colon()) : null, said(text)));
  return [label ? el("div", null, label) : null, fields.length || effects.length ? el("ul", { class: "plain" }, fields, effects) : null];
}
