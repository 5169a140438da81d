// Draws the page, and draws it again when the language changes.
const PARTS = ["overview", "explorer", "conventions", "parties", "streams", "figures", "changes", "findings"];

function drawHead() {
  const source = data.source;
  const facts = [
    source.reference_date ? say("as_of", { date: day(source.reference_date) }) : null,
    source.commit ? say("commit", { id: source.commit.slice(0, 7) }) : say("uncommitted"),
    source.audience ? say("for_audience", { audience: say(source.audience) }) : null,
  ];
  const tongues = [["fr", "Français"], ["en", "English"]].map(([code, name]) =>
    button(name, () => speak(code), { id: "lang-" + code, lang: code, "aria-pressed": String(lang === code) }),
  );
  fill(
    document.getElementById("top"),
    el("h1", null, source.registry || "smartreg"),
    el("p", null, facts.filter(Boolean).join(" · ")),
    source.withheld_values ? el("p", { class: "quiet" }, say("withheld", { n: amount(source.withheld_values) })) : null,
    source.unreadable ? el("p", { class: "why" }, say("unreadable", { n: amount(source.unreadable) })) : null,
    el("div", { class: "tongues", role: "group", "aria-label": say("language") }, tongues),
  );
  document.querySelector(".skip").textContent = say("skip");
}

function drawOverview() {
  const counted = data.kinds.map((kind) => {
    const own = records.filter((record) => record.kind === kind);
    const serving = own.filter((record) => kind.serving.includes(valueOf(record, kind.status))).length;
    return el(
      "div",
      null,
      el("dt", null, said(kind.plural)),
      el("dd", null, el("b", null, amount(own.length)), kind.serving.length ? el("span", { class: "quiet" }, say("in_service", { n: amount(serving) })) : null),
    );
  });
  section("overview", el("dl", { class: "measures" }, counted));
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
  const title = (name) => (name === "commit" ? "commit" : say(name));
  fill(
    document.getElementById("provenance"),
    el("h2", null, say("provenance")),
    el("dl", null, rows.map((name) => [el("dt", null, title(name)), el("dd", null, el("code", null, text(name)))])),
    el("p", null, say("made_by", { version: data.smartreg }), " ", say("map_by", { version: L.version })),
  );
}

function draw() {
  document.documentElement.lang = lang;
  drawHead();
  drawOverview();
  drawExplorer();
  drawConventions();
  drawParties();
  drawStreams();
  drawFigures();
  drawChanges();
  drawFindings();
  drawContents();
  drawProvenance();
  filter();
}

function speak(code) {
  lang = code;
  draw();
  document.getElementById("lang-" + code).focus();
}

buildExplorer();
draw();
