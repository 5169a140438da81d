// Charts: bars and matrices are tables whose cells are drawn, so that their labels wrap and are read aloud; lines are SVG.
const NARROW = window.innerWidth < 640;
const CHART = NARROW ? { bars: 8, across: 4, down: 8, wide: 300, high: 130, names: 3 } : { bars: 12, across: 6, down: 10, wide: 390, high: 130, names: 4 };
const LEAST = NARROW ? 5 : 8; // bars and lines that are drawn in any case
const REST = 1 / 3; // of the whole: what is lumped together is no more, where that many bars allow it

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

// How many of the values, the largest first, are drawn: enough that the rest is a small part, but no more than `most`.
function telling(values, most) {
  const all = values.reduce((sum, value) => sum + value, 0);
  let rest = all;
  const enough = values.findIndex((value, place) => (rest -= value) <= all * REST && place + 1 >= LEAST) + 1 || values.length;
  return values.length <= enough + 1 && values.length <= most + 1 ? values.length : Math.min(enough, most);
}

// What does not fit comes last, as one: how many, what each has at least and at most, and their sum, where one means something.
function withOthers(table, along, values) {
  const first = table.rows.map((row) => numeric(row[values[0]]));
  const shown = table.rows.slice(0, telling(first, Math.ceil(CHART.bars / values.length)));
  const rest = table.rows.slice(shown.length);
  if (!rest.length) return shown;
  const column = table.columns[values[0]];
  const [low, high] = [Math.min, Math.max].map((choose) => cellText(choose(...first.slice(shown.length)), column));
  const words = say(low === high ? "others_level" : "others_between", { n: amount(rest.length), low, high });
  const summed = values.every((index) => ["count", "money"].includes(table.columns[index].kind));
  const sum = (index) => (summed ? rest.reduce((total, row) => total + numeric(row[index]), 0) : null);
  return [...shown, table.columns.map((_, index) => (index === along ? words : values.includes(index) ? sum(index) : null))];
}

function bars(table, along, values) {
  const rows = withOthers(table, along, values);
  const own = (row) => Array.isArray(row[along]) || table.columns[along].kind !== "label";
  const most = Math.max(...rows.filter(own).flatMap((row) => values.map((index) => numeric(row[index]))), 0) || 1;
  const lines = rows.flatMap((row) => {
    const told = values.filter((index, place) => !place || numeric(row[index]));
    return told.map((index, place) => {
      const part = own(row) ? (100 * Math.max(0, numeric(row[index]))) / most : 0;
      const name = place ? null : el("th", { scope: "row", rowspan: told.length }, barName(row[along], table.columns[along]));
      const word = values.length > 1 ? el("td", { class: "quiet" }, said(table.columns[index].words)) : null;
      const drawn = svg("svg", { class: "lane", width: "100%", height: 12, "aria-hidden": "true" }, svg("rect", { class: "fill" + (values.indexOf(index) % 3), width: part + "%", height: 12, rx: 2 }));
      return el("tr", { class: place ? null : "first" }, name, el("td", { class: "drawing" }, drawn), el("td", { class: "number" }, own(row) || row[index] !== null ? cellText(row[index], table.columns[index]) : ""), word);
    });
  });
  return scrolling(said(table.title), el("table", { class: "bars" }, el("caption", null, titled(table, barsTitle(table, values))), el("tbody", null, lines)));
}

// The finding of a chart is its title; below it, what is drawn.
function titled(table, title) {
  return table.finding ? [el("span", { class: "finding" }, said(table.finding)), " ", el("span", { class: "drawn-what" }, title)] : title;
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
  const downs = axis(table, plan.downs, along, value, CHART.down);
  const rights = axis(table, plan.rights, across, value, CHART.across);
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
  const drawn = el("table", { class: many ? "matrix many" : "matrix" }, el("caption", null, titled(table, said(table.title))), el("thead", null, el("tr", null, corner, head)), el("tbody", null, body));
  return scrolling(said(table.title), drawn);
}

// What is for the eye alone.
function sign(text) {
  return el("span", { "aria-hidden": "true" }, text);
}

function axis(table, codes, index, value, most) {
  const code = (value) => (Array.isArray(value) ? value[0] : String(value));
  const sums = new Map(codes.map((item) => [item, 0]));
  for (const row of table.rows) sums.set(code(row[index]), sums.get(code(row[index])) + numeric(row[value]));
  const shown = codes.slice(0, telling(codes.map((item) => sums.get(item)), most));
  const places = new Map(shown.map((code, place) => [code, place]));
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
  return [el("p", { class: "caption" }, titled(table, said(table.title))), drawn, lineKey(table, values)];
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
