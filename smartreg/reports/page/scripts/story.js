// What opens the page: outcomes in whole sentences, and the decision that is asked for with its evidence.
const AMOUNTS = /€?(\d[\d\u00a0\u202f.,]*\d|\d)([\u00a0\u202f]?[%€])?/g;

// A sentence of ours: its numbers stand out.
function stated(words) {
  const text = said(words);
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(AMOUNTS)) {
    parts.push(text.slice(at, found.index), el("b", null, found[0]));
    at = found.index + found[0].length;
  }
  return [parts, text.slice(at)];
}

// A link to the figure that a sentence is computed from, where its definition stands.
function toFigure(code) {
  const figure = data.figures.find((item) => item.code === code);
  if (!figure) return null;
  const label = say("figure", { code, title: said(figure.title) });
  return el("a", { class: "source", href: "#figure-" + code, title: figure.definition ? said(figure.definition) : null, "aria-label": label }, code);
}

function drawStory() {
  const { left_out, outcomes, nothing_yet } = data.story;
  const items = outcomes.map(([code, words]) => el("li", null, stated(words), " ", toFigure(code), changed(code)));
  section("story", left_out.map((words) => el("p", { class: "missed" }, stated(words))), items.length ? el("ul", { class: "outcomes" }, items) : el("p", null, said(nothing_yet)));
}

// How the headline of the figure changed, below the outcome that is computed from it.
function changed(code) {
  const headline = data.figures.find((figure) => figure.code === code)?.measures.find((measure) => measure.change);
  return headline ? el("p", { class: "change" }, capital(dated(said(headline.words))), colon(), said(headline.change)) : null;
}

function drawDecisions() {
  const { proposed, decisions } = data.story;
  const cases = decisions.flatMap(({ proposal, heading, cases }) => cases.map((found) => decision(proposal, heading, found)));
  section("decisions", el("p", { class: "lead" }, said(proposed)), el("div", { class: "cases" }, cases));
}

function decision(proposal, heading, { use_case, evidence, summary }) {
  const items = evidence.map(([code, words]) => el("li", null, el("a", { href: "#figure-" + code }, said(words))));
  const quote = summary ? el("p", { class: "summary" }, lang === "fr" ? "«\u202f" + summary + "\u202f»" : "“" + summary + "”") : null;
  return el("article", { class: "case " + proposal }, el("h3", null, el("span", { class: "proposal" }, said(heading)), " ", named(use_case)), el("ul", { class: "plain" }, items), quote);
}

// A label of a figure: opens its record, where it is one of the page.
function named(label) {
  const record = label[2] ? byName.get(label[2]) : null;
  return record ? opener(record, textOf(label)) : textOf(label);
}

// What people wrote was made into markup when the page was; its heading changes with the language.
function drawConclusion() {
  const title = document.getElementById("conclusion-title");
  document.getElementById("conclusion").hidden = !title;
  if (title) title.textContent = say("conclusion");
}
