// Draws the page, and draws it again when the language changes.
const PARTS = ["story", "decisions", "conclusion", "figures", "conventions", "parties", "explorer", "changes", "findings", "provenance"];

function drawHead() {
  const source = data.source;
  const tongues = [["fr", "Français"], ["en", "English"]].map(([code, name]) =>
    button(name, () => speak(code), { id: "lang-" + code, lang: code, "aria-pressed": String(lang === code) }),
  );
  const registry = source.registry || "smartreg";
  const title = said(data.title) || registry;
  const audience = source.audience ? say(source.audience) : "";
  const facts = [title === registry ? null : registry, said(data.story.period), source.reference_date ? say("edition", { audience, date: day(source.reference_date, "long") }) : audience];
  fill(
    document.getElementById("top"),
    data.logo ? el("img", { id: "logo", src: data.logo, alt: "" }) : null,
    el("div", { class: "titles" }, el("h1", null, title), el("p", null, facts.filter(Boolean).join(" · "))),
    el("div", { class: "tongues", role: "group", "aria-label": say("language") }, tongues),
  );
  document.title = title;
  document.querySelector(".skip").textContent = say("skip");
}

function drawContents() {
  const there = PARTS.filter((name) => !document.getElementById(name).hidden);
  const links = there.map((name) => el("li", null, el("a", { href: "#" + name }, say(name))));
  const node = document.getElementById("contents");
  node.setAttribute("aria-label", say("contents"));
  fill(node, el("ul", null, links));
}

function drawProvenance() {
  const source = data.source;
  const rows = ["registry", "commit", "reference_date", "rules", "digest"].filter((name) => source[name]);
  const text = (name) => (name === "reference_date" ? day(source[name]) : source[name]);
  section(
    "provenance",
    el("p", null, said(data.provenance)),
    source.withheld_values ? el("p", null, say("withheld", { n: amount(source.withheld_values) })) : null,
    source.unreadable ? el("p", { class: "why" }, say("unreadable", { n: amount(source.unreadable.length) })) : null,
    folding("references", el("dl", null, rows.map((name) => [el("dt", null, say(name)), el("dd", null, el("code", null, text(name)))]))),
    el("p", { class: "quiet" }, say("made_by", { version: data.smartreg }), " ", say("map_by", { version: L.version })),
  );
}

function draw() {
  document.documentElement.lang = lang;
  drawHead();
  drawStory();
  drawDecisions();
  drawConclusion();
  drawFigures();
  drawConventions();
  drawParties();
  drawExplorer();
  drawChanges();
  drawFindings();
  drawProvenance();
  drawContents();
  filter();
  hintScrolls();
}

function speak(code) {
  lang = code;
  draw();
  writeAddress();
  document.getElementById("lang-" + code).focus();
}

window.addEventListener("resize", hintScrolls);
const [firstPlace, inAddress] = readAddress();
applyAddress(inAddress);
buildExplorer();
draw();
lookAsInAddress(inAddress);
goTo(firstPlace);
whenFiltered.push(writeAddress);
if (map) map.on("moveend", writeAddress);
