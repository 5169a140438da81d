// All that the page knows of one record.
let opened = null;
let openedFrom = null; // what had the focus

function open(record, how) {
  if (!document.getElementById("details").contains(document.activeElement)) openedFrom = document.activeElement === document.body ? null : document.activeElement;
  opened = record;
  drawDetails();
  if (map) {
    ring(record);
    if (how.pan && record.place) centre(record);
  }
  if (how.focus) document.getElementById("details-title").focus();
}

function drawDetails() {
  const node = document.getElementById("details");
  node.classList.toggle("idle", !opened);
  if (!opened) {
    fill(node, el("h3", { id: "details-title", tabindex: -1 }, say("details")), el("p", null, say("choose")));
    return;
  }
  const record = opened;
  const near = record.place ? samePlace.get(record.place.join(" ")).filter((other) => other !== record) : [];
  fill(
    node,
    el("h3", { id: "details-title", tabindex: -1 }, pages ? toPage(record) : titleOf(record)),
    el("p", { class: "quiet" }, said(record.kind.title), " · ", record.id),
    record.kind.name === "convention" && (data.terms[record.id] || {}).amendment ? el("p", { class: "quiet" }, readAs(data.terms[record.id])) : null,
    properties(record),
    near.length ? [el("h4", null, say("same_place")), names(near)] : null,
    backwards(record),
    told(record),
    button(say("close"), closeDetails),
  );
}

// Back to where the reader came from; to the explorer, if that is gone.
function closeDetails() {
  opened = null;
  if (map) ring(null);
  drawDetails();
  if (openedFrom && openedFrom.isConnected) openedFrom.focus();
  else toExplorer();
}

function properties(record) {
  const rows = record.kind.keys.filter((key) => key !== "id" && valueOf(record, key) !== undefined).map((key) => {
    const field = record.kind.field.get(key);
    return [el("dt", null, said(field ? field.title : key)), el("dd", null, shownValue(record.kind, key, valueOf(record, key)))];
  });
  return el("dl", null, rows);
}

function shownValue(kind, name, value) {
  const field = kind.field.get(name);
  if (Array.isArray(value)) {
    if (!value.some((item) => item !== null && typeof item === "object")) {
      return value.map((item, index) => [index ? ", " : "", plain(field, item)]);
    }
    return el("ul", null, value.map((item) => el("li", null, shownValue(kind, name + "[]", item))));
  }
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value);
    if (keys.length === 2 && "lon" in value && "lat" in value) return amount(value.lat, { maximumFractionDigits: 6 }) + " ; " + amount(value.lon, { maximumFractionDigits: 6 });
    return el("dl", null, keys.map((key) => {
      const inner = kind.field.get(name + "." + key);
      return [el("dt", null, said(inner ? inner.title : key)), el("dd", null, shownValue(kind, name + "." + key, value[key]))];
    }));
  }
  return plain(field, value);
}

function plain(field, value) {
  if (typeof value === "boolean") return say(value ? "yes" : "no");
  if (typeof value === "number") return amount(value, { maximumFractionDigits: 6 }) + (field && field.unit ? unitAfter(value, field.unit) : "");
  if (typeof value !== "string") return "";
  const target = field ? refsOf(field, value)[0] : null;
  if (target) return opener(target, titleOf(target));
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return day(value);
  return field && field.labels ? labelled(field, value) : linked(value);
}

// One or several, as the language counts: 1 jour, 1.5 days, 1,5 jour; a degree sign stands close.
function unitAfter(value, unit) {
  const one = lang === "fr" ? Math.abs(value) < 2 : value === 1;
  const word = said(unit[one ? 0 : 1]);
  return word === "" || word === "°" ? word : " " + word;
}

const LISTED = 6;

function names(found, most = LISTED) {
  const rest = found.length - most;
  const items = found.slice(0, most).map((record) => el("li", null, opener(record, titleOf(record))));
  return el("ul", { class: "names" }, items, rest > 0 ? el("li", null, say("and_more", { n: amount(rest) })) : null);
}

// Who names the record, by kind and field; where the list can show them, a button does.
function backwards(record) {
  const groups = new Map();
  for (const [other, field] of namedBy(record)) {
    const key = other.kind.name + " " + field.name;
    if (!groups.has(key)) groups.set(key, { kind: other.kind, field, found: [] });
    groups.get(key).found.push(other);
  }
  if (!groups.size) return null;
  const rows = [...groups.values()].map(({ kind, field, found }) => {
    const act = () => { choose({ kind: kind.name, [field.name]: record.id }); toExplorer(); };
    const whole = found.length > LISTED && facets.has(field.name) && facets.has("kind");
    return [
      el("dt", null, said(kind.title), " · ", said(field.title), " (", amount(found.length), ")"),
      el("dd", null, names(found), whole ? button(say("see_all"), act, { class: "link" }) : null),
    ];
  });
  return [el("h4", null, say("named_by")), el("dl", null, rows)];
}

// What the rules say of it.
function told(record) {
  const found = data.findings ? data.findings.listed.filter((item) => item[6] === record.name) : [];
  if (!found.length) return null;
  const rows = found.map(([severity, code, message]) => el("li", null, mark(severity), " ", code, " ", said(message)));
  return [el("h4", null, say("findings")), el("ul", { class: "plain" }, rows)];
}
