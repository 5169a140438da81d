// The data of the page, and what it says in the chosen language. A sentence is a text, or a pair [English, French].
const data = JSON.parse(document.getElementById("data").textContent);
const LOCALES = { en: "en-GB", fr: "fr-FR" };
let lang = data.lang || ((navigator.language || "").toLowerCase().startsWith("fr") ? "fr" : "en");

function said(words) {
  return Array.isArray(words) ? words[lang === "fr" ? 1 : 0] : words;
}

function say(name, filled) {
  return said(data.words[name]).replace(/\{(\w+)\}/g, (_, part) => filled[part]);
}

// A format costs a thousand times what it costs to use it.
const formats = new Map();

function format(make, options) {
  const name = lang + make.name + JSON.stringify(options || null);
  if (!formats.has(name)) formats.set(name, new make(LOCALES[lang], options));
  return formats.get(name);
}

function amount(value, options) {
  return format(Intl.NumberFormat, options).format(value).replace("-", "\u2212");
}

function capital(text) {
  return text.charAt(0).toLocaleUpperCase(LOCALES[lang]) + text.slice(1);
}

function colon() {
  return lang === "fr" ? "\u00a0: " : ": ";
}

// Days are dates without an hour: read as UTC and shown as UTC, whatever the reader's time zone.
function day(text, month = "short") {
  const found = /^\d{4}-\d{2}-\d{2}$/.test(text || "") ? new Date(text + "T00:00:00Z") : null;
  if (!found || isNaN(found)) return text || "";
  return format(Intl.DateTimeFormat, { day: "numeric", month, year: "numeric", timeZone: "UTC" }).format(found).replace(lang === "fr" ? /^1 / : /^$/, "1er ");
}

// A sentence of ours with its days as people write them.
function dated(text) {
  return text.replace(/\b\d{4}-\d{2}-\d{2}\b/g, (found) => day(found, "long"));
}

// Accents and case aside, so that "crequi" finds "Créqui".
function folded(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

function compared(left, right) {
  const both = typeof left === "number" && typeof right === "number";
  return both ? left - right : format(Intl.Collator, { numeric: true }).compare(left, right);
}
