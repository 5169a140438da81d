// Charts beside the tables that hold their numbers: bars, stacked bars, lines, matrices.
const CHART = { width: 660, label: 216, row: 22, gap: 6, most: 24 };

// A table of a figure → a picture, or null where there is nothing to draw.
function chart(table) {
  const plan = table.chart;
  if (!plan || !table.rows.length) return null;
  const at = (key) => table.columns.findIndex((column) => column.key === key);
  const along = at(plan.along);
  const values = plan.values.map(at).filter((index) => index >= 0);
  if (along < 0 || !values.length) return null;
  if (plan.drawn === "matrix") return matrix(table, along, at(plan.across), values[0]);
  if (plan.drawn === "lines") return lines(table, along, values);
  return bars(table, along, values, plan.drawn === "stacked");
}

function numeric(value) {
  return typeof value === "number" ? value : 0;
}

function picture(table, height, parts, width) {
  const attributes = { class: "chart", viewBox: `0 0 ${width || CHART.width} ${height}`, role: "img", "aria-label": said(table.title) };
  return svg("svg", { ...attributes, width: width || CHART.width, height }, parts);
}

function shorter(text, most) {
  return text.length > most ? text.slice(0, most - 1) + "…" : text;
}

function key(table, values) {
  if (values.length < 2) return null;
  const items = values.map((index, place) => el("li", null, dot(COLOURS[place % COLOURS.length]), " ", said(table.columns[index].words)));
  return el("ul", { class: "legend" }, items);
}

function bars(table, along, values, stacked) {
  const rows = table.rows.slice(0, CHART.most);
  const total = (row) => values.reduce((sum, index) => sum + Math.max(0, numeric(row[index])), 0);
  const most = Math.max(...rows.map((row) => (stacked ? total(row) : Math.max(...values.map((index) => numeric(row[index]))))), 0) || 1;
  const wide = CHART.width - CHART.label - 70;
  const lanes = stacked ? 1 : values.length;
  const thick = Math.max(8, CHART.row / lanes);
  const parts = [];
  let y = 4;
  for (const row of rows) {
    const name = cellText(row[along], table.columns[along]);
    const high = thick * lanes;
    parts.push(svg("text", { class: "name", x: CHART.label - 8, y: y + high / 2 + 4, "text-anchor": "end" }, shorter(name, 25)));
    let x = CHART.label;
    values.forEach((index, place) => {
      const long = (Math.max(0, numeric(row[index])) / most) * wide;
      const told = name + " · " + said(table.columns[index].words) + colon() + cellText(row[index], table.columns[index]);
      const top = stacked ? y : y + place * thick;
      parts.push(svg("rect", { x: stacked ? x : CHART.label, y: top, width: long, height: Math.max(1, thick - 1), fill: COLOURS[place % COLOURS.length] }, svg("title", null, told)));
      if (!stacked) parts.push(svg("text", { class: "value", x: CHART.label + long + 5, y: top + thick / 2 + 4 }, cellText(row[index], table.columns[index])));
      x += long;
    });
    if (stacked) parts.push(svg("text", { class: "value", x: x + 5, y: y + high / 2 + 4 }, amount(total(row))));
    y += high + CHART.gap;
  }
  return [picture(table, y, parts), key(table, values)];
}

function lines(table, along, values) {
  const [width, high, left, right, top] = [CHART.width, 200, 50, 48, 12]; // half of the last name stands right of it
  const most = Math.max(...table.rows.flatMap((row) => values.map((index) => numeric(row[index]))), 0) || 1;
  const step = (width - left - right) / Math.max(1, table.rows.length - 1);
  const x = (place) => left + place * step;
  const y = (value) => top + high - (numeric(value) / most) * high;
  const parts = [
    svg("path", { class: "axis", d: `M${left},${top} V${top + high} H${width - right}` }),
    svg("text", { class: "value", x: left - 6, y: top + 8, "text-anchor": "end" }, amount(most)),
    svg("text", { class: "value", x: left - 6, y: top + high, "text-anchor": "end" }, "0"),
  ];
  const every = Math.ceil(table.rows.length / 8);
  table.rows.forEach((row, place) => {
    if (place % every === 0) parts.push(svg("text", { class: "value", x: x(place), y: top + high + 18, "text-anchor": "middle" }, shorter(cellText(row[along], table.columns[along]), 12)));
  });
  values.forEach((index, place) => {
    const colour = COLOURS[place % COLOURS.length];
    const points = table.rows.map((row, number) => `${x(number)},${y(row[index])}`).join(" ");
    parts.push(svg("polyline", { points, fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": place ? `${6 - (place % 4)} ${place}` : "none" }));
    table.rows.forEach((row, number) => {
      const told = cellText(row[along], table.columns[along]) + " · " + said(table.columns[index].words) + colon() + cellText(row[index], table.columns[index]);
      parts.push(svg("circle", { cx: x(number), cy: y(row[index]), r: 3, fill: colour }, svg("title", null, told)));
    });
  });
  return [picture(table, top + high + 28, parts), key(table, values)];
}

function matrix(table, along, across, value) {
  if (across < 0) return null;
  const text = (row, index) => cellText(row[index], table.columns[index]);
  const downs = [...new Set(table.rows.map((row) => text(row, along)))].slice(0, CHART.most);
  const rights = [...new Set(table.rows.map((row) => text(row, across)))].slice(0, CHART.most);
  const most = Math.max(...table.rows.map((row) => numeric(row[value])), 0) || 1;
  const [cell, left, top] = [44, CHART.label, 120];
  const parts = rights.map((name, place) =>
    svg("text", { class: "name", transform: `translate(${left + place * cell + cell / 2 + 4},${top - 8}) rotate(-40)` }, shorter(name, 18)),
  );
  downs.forEach((name, place) => parts.push(svg("text", { class: "name", x: left - 8, y: top + place * 30 + 20, "text-anchor": "end" }, shorter(name, 25))));
  for (const row of table.rows) {
    const [right, down] = [rights.indexOf(text(row, across)), downs.indexOf(text(row, along))];
    if (right < 0 || down < 0) continue;
    const share = numeric(row[value]) / most;
    const told = text(row, along) + " → " + text(row, across) + colon() + text(row, value);
    const [x, y] = [left + right * cell, top + down * 30];
    parts.push(svg("rect", { x, y, width: cell - 2, height: 28, fill: COLOURS[0], "fill-opacity": 0.08 + 0.92 * share }, svg("title", null, told)));
    parts.push(svg("text", { class: share > 0.5 ? "value on-dark" : "value", x: x + cell / 2 - 1, y: y + 19, "text-anchor": "middle" }, text(row, value)));
  }
  return picture(table, top + downs.length * 30 + 6, parts, Math.max(CHART.width, left + rights.length * cell + 90));
}
