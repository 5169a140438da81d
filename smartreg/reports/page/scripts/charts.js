// Charts: bars and matrices are tables whose cells are drawn, so that their labels wrap and are read aloud; lines are SVG.
const NARROW = window.innerWidth < 640;
const CHART = NARROW ? { bars: 5, matrix: 4, wide: 300, high: 130, names: 3 } : { bars: 4, matrix: 6, wide: 390, high: 130, names: 4 };

// A table of a figure → a picture, or null where there is nothing to draw.
function chart(table) {
  const plan = table.chart;
  if (!plan || !table.rows.length) return null;
  const at = (key) => table.columns.findIndex((column) => column.key === key);
  const along = at(plan.along);
  const values = plan.values.map(at).filter((index) => index >= 0);
  if (along < 0 || !values.length) return null;
  if (plan.drawn === "matrix") return matrix(table, plan, along, at(plan.across), values[0]);
  if (plan.drawn === "lines") return lines(table, along, values);
  return bars(table, along, values);
}

function numeric(value) {
  return typeof value === "number" ? value : 0;
}

// What does not fit comes last, as one: its sum, where a sum means something.
function withOthers(table, along, values, most) {
  const shown = table.rows.slice(0, table.rows.length > most + 1 ? most : most + 1);
  const rest = table.rows.slice(shown.length);
  if (!rest.length || !values.every((index) => ["count", "money"].includes(table.columns[index].kind))) return shown;
  const sum = (index) => rest.reduce((total, row) => total + numeric(row[index]), 0);
  const words = say("others", { n: amount(rest.length) });
  return [...shown, table.columns.map((_, index) => (index === along ? words : values.includes(index) ? sum(index) : null))];
}

function bars(table, along, values) {
  const rows = withOthers(table, along, values, Math.ceil(CHART.bars / values.length) + (values.length > 1 ? 1 : 0));
  const own = (row) => Array.isArray(row[along]) || table.columns[along].kind !== "label";
  const most = Math.max(...rows.filter(own).flatMap((row) => values.map((index) => numeric(row[index]))), 0) || 1;
  const lines = rows.flatMap((row) => {
    const told = values.filter((index, place) => !place || numeric(row[index]));
    return told.map((index, place) => {
      const part = own(row) ? (100 * Math.max(0, numeric(row[index]))) / most : 0;
      const name = place ? null : el("th", { scope: "row", rowspan: told.length }, barName(row[along], table.columns[along]));
      const word = values.length > 1 ? el("td", { class: "quiet" }, said(table.columns[index].words)) : null;
      const drawn = svg("svg", { class: "lane", width: "100%", height: 12, "aria-hidden": "true" }, svg("rect", { class: "fill" + (values.indexOf(index) % 3), width: part + "%", height: 12, rx: 2 }));
      return el("tr", { class: place ? null : "first" }, name, el("td", { class: "drawing" }, drawn), el("td", { class: "number" }, cellText(row[index], table.columns[index])), word);
    });
  });
  return scrolling(said(table.title), el("table", { class: "bars" }, el("caption", null, barsTitle(table, values)), el("tbody", null, lines)));
}

function barsTitle(table, values) {
  const [title, words] = [said(table.title), said(table.columns[values[0]].words)];
  return values.length > 1 || title.toLowerCase().includes(words) ? title : title + colon() + words;
}

function barName(value, column) {
  return Array.isArray(value) ? named(value) : cellText(value, column);
}

// Rows and columns by their sums; those that do not fit come last, as one.
function matrix(table, plan, along, across, value) {
  const downs = axis(table, plan.downs, along);
  const rights = axis(table, plan.rights, across);
  const sums = new Map();
  for (const row of table.rows) {
    const place = downs.place(row[along]) + " " + rights.place(row[across]);
    sums.set(place, (sums.get(place) || 0) + numeric(row[value]));
  }
  const most = Math.max(...table.rows.map((row) => numeric(row[value])), 0) || 1;
  const head = rights.names.map((name) => el("th", { scope: "col" }, el("span", null, name)));
  const body = downs.names.map((name, down) =>
    el("tr", null, el("th", { scope: "row" }, name), rights.names.map((_, right) => {
      const number = sums.get(down + " " + right) || 0;
      return el("td", { class: "number heat" + (number ? Math.min(5, 1 + Math.floor((4.999 * number) / most)) : 0) }, number ? cellText(number, table.columns[value]) : [sign("·"), el("span", { class: "unseen" }, "0")]);
    })),
  );
  const corner = el("td", { class: "quiet" }, said(table.columns[along].words), sign(" ↓ "), said(table.columns[across].words), sign(" →"));
  const many = rights.names.length > 5;
  const drawn = el("table", { class: many ? "matrix many" : "matrix" }, el("caption", null, said(table.title)), el("thead", null, el("tr", null, corner, head)), el("tbody", null, body));
  return scrolling(said(table.title), drawn);
}

// What is for the eye alone.
function sign(text) {
  return el("span", { "aria-hidden": "true" }, text);
}

function axis(table, codes, index) {
  const shown = codes.slice(0, codes.length > CHART.matrix + 1 ? CHART.matrix : CHART.matrix + 1);
  const places = new Map(shown.map((code, place) => [code, place]));
  const code = (value) => (Array.isArray(value) ? value[0] : String(value));
  const texts = new Map(table.rows.map((row) => [code(row[index]), cellText(row[index], table.columns[index])]));
  const rest = codes.length - shown.length;
  return {
    place: (value) => places.get(code(value)) ?? shown.length,
    names: [...shown.map((item) => texts.get(item)), ...(rest ? [say("others", { n: amount(rest) })] : [])],
  };
}

function lines(table, along, values) {
  const [width, high, left, right, top] = [CHART.wide, CHART.high, 52, 34, 14]; // half of the last name stands right of it
  const most = Math.max(...table.rows.flatMap((row) => values.map((index) => numeric(row[index]))), 0) || 1;
  const step = (width - left - right) / Math.max(1, table.rows.length - 1);
  const x = (place) => left + place * step;
  const y = (value) => top + high - (numeric(value) / most) * high;
  const parts = [
    svg("path", { class: "axis", d: `M${left},${top} V${top + high} H${width - right}` }),
    svg("text", { class: "value", x: left - 6, y: top + 8, "text-anchor": "end" }, amount(most)),
    svg("text", { class: "value", x: left - 6, y: top + high, "text-anchor": "end" }, "0"),
  ];
  const every = Math.ceil(table.rows.length / CHART.names);
  table.rows.forEach((row, place) => {
    if (place % every === 0) parts.push(svg("text", { class: "value", x: x(place), y: top + high + 20, "text-anchor": "middle" }, cellText(row[along], table.columns[along])));
  });
  values.forEach((index, place) => {
    const known = table.rows.map((row, number) => [row, number]).filter(([row]) => row[index] !== null);
    if (known.length > 1) parts.push(svg("polyline", { class: "stroke" + place, points: known.map(([row, number]) => `${x(number)},${y(row[index])}`).join(" ") }));
    for (const [row, number] of known) {
      const told = cellText(row[along], table.columns[along]) + " · " + said(table.columns[index].words) + colon() + cellText(row[index], table.columns[index]);
      parts.push(svg("circle", { class: "dot" + place, cx: x(number), cy: y(row[index]), r: 3 }, svg("title", null, told)));
    }
  });
  const height = top + high + 30;
  const drawn = picture(lineWords(table, along, values), { class: "chart", width, height }, parts);
  return [el("p", { class: "caption" }, said(table.title)), drawn, lineKey(table, values)];
}

// What the lines say to whoever does not see them: where each begins and ends; the table has the rest.
function lineWords(table, along, values) {
  const told = values.map((index) => {
    const known = table.rows.filter((row) => row[index] !== null);
    const text = (row, at) => cellText(row[at], table.columns[at]);
    const [first, last] = [known[0], known.at(-1)];
    return first && say("line_ends", { name: said(table.columns[index].words), first: text(first, index), start: text(first, along), last: text(last, index), end: text(last, along) });
  });
  return [said(table.title), ...told.filter(Boolean)].join(". ");
}

function lineKey(table, values) {
  const sample = (place) => svg("svg", { width: 28, height: 10, "aria-hidden": "true" }, svg("polyline", { class: "stroke" + place, points: "0,5 28,5" }));
  return el("ul", { class: "legend" }, values.map((index, place) => el("li", null, sample(place), " ", said(table.columns[index].words))));
}
