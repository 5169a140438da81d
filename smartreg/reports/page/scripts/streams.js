// From party to use case: bands between five columns, and a table that says the same.
const STREAM = { width: 1100, bar: 14, gap: 10, high: 22, top: 34, label: 240 };

function drawStreams() {
  if (!data.streams) {
    section("streams", el("p", null, say("no_streams")));
    return;
  }
  const { columns, nodes, links } = data.streams;
  const text = (index) => said(nodes[index][1]);
  const table = plainTable(
    say("streams"),
    [
      { words: say("from"), cell: ([from]) => text(from) },
      { words: say("to"), cell: ([, to]) => text(to) },
      { words: say("devices"), number: true, cell: ([, , number]) => amount(number) },
    ],
    links,
  );
  section(
    "streams",
    el("p", { class: "quiet" }, say("streams_note")),
    scrolling(say("streams"), streamPicture(columns, nodes, links)),
    el("details", null, el("summary", null, say("table")), table),
  );
}

// Places nodes column by column; heights are shared so that the fullest column fills the picture.
function streamPlaces(columns, nodes, links) {
  const comes = nodes.map(() => 0);
  const goes = nodes.map(() => 0);
  for (const [from, to, number] of links) {
    goes[from] += number;
    comes[to] += number;
  }
  const width = nodes.map((_, index) => Math.max(comes[index], goes[index]));
  const inColumn = columns.map((_, column) => nodes.map((_, index) => index).filter((index) => nodes[index][0] === column));
  const most = Math.max(...inColumn.map((found) => found.length));
  const height = Math.max(260, most * (STREAM.high + STREAM.gap));
  const scale = Math.min(
    ...inColumn.map((found) => (height - found.length * (STREAM.gap + STREAM.high * 0.5)) / found.reduce((sum, index) => sum + width[index], 0)),
  );
  const step = (STREAM.width - STREAM.label - STREAM.bar) / (columns.length - 1);
  const places = [];
  let deepest = 0;
  inColumn.forEach((found, column) => {
    let y = STREAM.top;
    for (const index of found) {
      const high = Math.max(2, width[index] * scale);
      places[index] = { x: column * step, y, high, out: y, in: y };
      y += Math.max(high, STREAM.high * 0.8) + STREAM.gap;
    }
    deepest = Math.max(deepest, y);
  });
  return { places, scale, step, height: deepest };
}

function streamPicture(columns, nodes, links) {
  const { places, scale, step, height } = streamPlaces(columns, nodes, links);
  const bands = links.map(([from, to, number]) => {
    const start = places[from];
    const end = places[to];
    const thick = Math.max(1, number * scale);
    const [y1, y2] = [start.out + thick / 2, end.in + thick / 2];
    start.out += thick;
    end.in += thick;
    const [x1, x2] = [start.x + STREAM.bar, end.x];
    const bend = (x1 + x2) / 2;
    const told = said(nodes[from][1]) + " → " + said(nodes[to][1]) + colon() + amount(number);
    const d = `M${x1},${y1} C${bend},${y1} ${bend},${y2} ${x2},${y2}`;
    return svg("path", { class: "band c" + (from % 8), d, "stroke-width": thick }, svg("title", null, told));
  });
  const bars = nodes.map(([, words], index) => {
    const { x, y, high } = places[index];
    return svg("g", null, svg("rect", { class: "bar", x, y, width: STREAM.bar, height: high }), streamLabel(said(words), x + STREAM.bar + 5, y + Math.min(high / 2 + 5, 16), x + step < STREAM.width ? step : STREAM.label));
  });
  const heads = columns.map((words, column) => svg("text", { class: "head", x: column * step, y: 16 }, said(words)));
  return svg(
    "svg",
    { class: "streams", viewBox: `0 0 ${STREAM.width} ${height}`, width: STREAM.width, height, role: "img", "aria-label": say("streams") + ". " + say("streams_note") },
    bands, bars, heads,
  );
}

function streamLabel(text, x, y, room) {
  const most = Math.floor((room - STREAM.bar - 10) / 7.4);
  const cut = text.length > most ? text.slice(0, most - 1) + "…" : text;
  return svg("text", { class: "name", x, y }, cut, cut === text ? null : svg("title", null, text));
}
