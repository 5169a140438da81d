// From party to use case: bands between five columns, and a table that says the same.
const STREAM = { width: 1100, bar: 14, gap: 10, high: 22, top: 34, label: 240, line: 16, letter: 7.7 };

// The last card of the figures: closed, because it is as wide as the page.
function streamsCard() {
  if (!data.streams) return null;
  const { columns, nodes, links } = data.streams;
  const text = (index) => said(nodes[index][1]);
  const table = sortable(
    say("table"),
    [
      { words: say("from"), cell: ([from]) => text(from), key: ([from]) => text(from) },
      { words: say("to"), cell: ([, to]) => text(to), key: ([, to]) => text(to) },
      { words: say("devices"), number: true, cell: ([, , number]) => amount(number), key: ([, , number]) => number },
    ],
    links,
  );
  return el(
    "article",
    { class: "card broad", id: "streams" },
    el("h3", null, say("streams")),
    folding("streams_open", el("p", { class: "quiet" }, say("streams_note")), scrolling(say("streams"), streamPicture(columns, nodes, links)), folding("table", table)),
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
  const step = (STREAM.width - STREAM.label - STREAM.bar) / (columns.length - 1);
  const rooms = nodes.map(([column]) => (column === columns.length - 1 ? STREAM.label : step) - STREAM.bar - 10);
  const texts = nodes.map(([, words], index) => wrapped(said(words), Math.floor(rooms[index] / STREAM.letter)));
  const most = Math.max(...inColumn.map((found) => found.length));
  const height = Math.max(260, most * (STREAM.high + STREAM.gap));
  const scale = Math.min(
    ...inColumn.map((found) => (height - found.length * (STREAM.gap + STREAM.high * 0.5)) / found.reduce((sum, index) => sum + width[index], 0)),
  );
  const places = [];
  let deepest = 0;
  inColumn.forEach((found, column) => {
    let y = STREAM.top;
    for (const index of found) {
      const high = Math.max(2, width[index] * scale);
      places[index] = { x: column * step, y, high, out: y, in: y };
      y += Math.max(high, texts[index].length * STREAM.line) + STREAM.gap;
    }
    deepest = Math.max(deepest, y);
  });
  return { places, texts, scale, step, height: deepest };
}

function streamPicture(columns, nodes, links) {
  const { places, texts, scale, step, height } = streamPlaces(columns, nodes, links);
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
  const bars = nodes.map((_, index) => {
    const { x, y, high } = places[index];
    return svg("g", null, svg("rect", { class: "bar", x, y, width: STREAM.bar, height: high }), streamLabel(texts[index], x + STREAM.bar + 5, y + 13));
  });
  const heads = columns.map((words, column) => svg("text", { class: "head", x: column * step, y: 16 }, said(words)));
  const label = say("streams") + ". " + say("streams_note");
  return picture(label, { class: "streams", width: STREAM.width, height }, [bands, bars, heads]);
}

function streamLabel(lines, x, y) {
  return svg("text", { class: "name", x, y }, lines.map((line, place) => svg("tspan", { x, y: y + place * STREAM.line }, line)));
}

// A text in lines of at most so many letters, broken between words.
function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = (lines.at(-1) + " " + word).trim();
    if (longer.length <= most || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
