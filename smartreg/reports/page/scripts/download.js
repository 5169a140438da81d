// Numbers as a file: CSV as the spreadsheets of the reader's language open it by a double click.
const SPREADSHEET = { en: { comma: ",", point: "." }, fr: { comma: ";", point: "," } };
// What a spreadsheet would run begins so, blanks aside; an apostrophe keeps it a text, and is doubled where one is already.
const RUNS = /^(?:[\t\r\n']|[\s\ufeff\u200b\u2060]*[=+\-@\uff1d\uff0b\uff0d\uff20])/;

function csvCell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value).replace(".", SPREADSHEET[lang].point);
  const text = RUNS.test(value) ? "'" + value : String(value);
  return /[",;\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvText(rows) {
  return "\ufeff" + rows.map((row) => row.map(csvCell).join(SPREADSHEET[lang].comma) + "\r\n").join("");
}

// Made when it is asked for, in the page itself: nothing is fetched.
function download(name, rows) {
  const url = URL.createObjectURL(new Blob([csvText(rows)], { type: "text/csv" }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function downloader(text, title, name, rows) {
  return button([text, el("span", { class: "unseen" }, colon(), title)], () => download(name, rows()), { class: "link csv" });
}

// A table of a figure; what names a record is followed by its id, because several may be called the same.
function tableRows(table) {
  const withId = table.columns.map((_, index) => table.rows.some((row) => Array.isArray(row[index]) && row[index][2]));
  const head = table.columns.flatMap((column, index) => [said(column.words), ...(withId[index] ? ["id"] : [])]);
  const cells = (row) => row.flatMap((value, index) => [Array.isArray(value) ? textOf(value) : value, ...(withId[index] ? [value && value[0]] : [])]);
  return [head, ...table.rows.map(cells)];
}

// The measures of a figure, and those of the chosen commune; of what is not known, why.
function measureRows(measures, local) {
  const head = ["measure", "value", "part", "whole", "remark"].map((name) => say(name));
  const row = ({ words, value, parts, why_not, key }) => [said(words), value, ...(parts || [null, null]), why_not ? said(why_not) : null, ...(local ? [local[key] ? local[key][0] : null] : [])];
  return [local ? [...head, communeName(chosen.get("commune"))] : head, ...measures.map(row)];
}
