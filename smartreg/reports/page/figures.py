"""Figures as the page draws them: measures, and tables with typed cells.

How data flows, summed up: owner → type of equipment → network → flow → use case, with how many devices go each way.

A device in place goes one way for each flow in service that it feeds and each use case that the flow serves; one that
feeds none goes on to its own use cases. A device of several ways counts once in what they share. A column shows its
widest nodes, the others together; of more flows than that, those for the same use case are one node.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from smartreg.core.values import Json, Record, RecordId, Words, value_at
from smartreg.reports.bilan import HEADINGS, NO_DECISION, NOTHING_YET, Story, is_register
from smartreg.reports.change import headline_of
from smartreg.reports.chart_findings import chart_finding
from smartreg.reports.figure import Chart, Figure, FigureTable, Label, Measure, Value, code_of, matrix_axes, rank_rows
from smartreg.reports.names import label, present, readable
from smartreg.reports.outcomes import StoryOutcome
from smartreg.reports.page.records import pack_rows, pair
from smartreg.reports.wording import count_noun, decimals_of, typeset
from smartreg.tables import View


def figures_json(figures: Sequence[Figure], changes: Mapping[str, Words]) -> list[Json]:
    """In their order; tables that have a section of their own are in `registers_json`. `changes`: what changed in the
    headlines of figures, by code."""
    return [_figure(figure, changes.get(figure.code)) for figure in figures]


def local_json(found: Mapping[str, Mapping[str, Sequence[Measure]]]) -> dict[str, Json]:
    """By commune, figure and key of a measure: its value, and the part and the whole of a share; what is not known is
    left out."""
    return {
        code: {
            figure: {one.key: [_coarse(one.value), *(one.parts or ())] for one in measures if one.value is not None}
            for figure, measures in figures.items()
        }
        for code, figures in found.items()
    }


def _coarse(value: Value) -> Json:
    """A number with the decimals that people see of it."""
    return round(float(value), 4) if isinstance(value, (float, Decimal)) else _value(value)


def registers_json(figures: Sequence[Figure]) -> dict[str, Json]:
    """The tables that have a section of their own, by the name of the section."""
    return {name: table_json(table) for one in figures for table in one.tables if (name := is_register(one, table))}


def story_json(story: Story) -> dict[str, Json]:
    """What opens the page: outcomes and evidence as `[figure, sentence]`; decisions by proposal, in their order."""
    groups = {name: [one for one in story.decisions if one.proposal == name] for name in HEADINGS}
    return {
        "period": sentence(story.period),
        "left_out": [sentence(one) for one in story.left_out],
        "outcomes": _outcomes(story.outcomes),
        "nothing_yet": sentence(NOTHING_YET),
        "proposed": sentence(story.proposed or NO_DECISION),
        "decisions": [
            {
                "proposal": name,
                "heading": sentence(HEADINGS[name]),
                "cases": [
                    {"use_case": _value(one.use_case), "evidence": _outcomes(one.evidence), "summary": one.summary}
                    for one in cases
                ],
            }
            for name, cases in groups.items()
            if cases
        ],
    }


def _outcomes(found: Sequence[StoryOutcome]) -> list[Json]:
    return [[one.figure, pair(one.sentence)] for one in found]


def sentence(words: Words) -> Json:
    """A sentence of ours in both languages, with the spaces that French wants."""
    return pair(typeset(words))


def _figure(figure: Figure, change: Words | None) -> dict[str, Json]:
    headline = headline_of(figure) if change else None
    return {
        "code": figure.code,
        "title": sentence(figure.title),
        "definition": sentence(figure.definition) if figure.definition else None,
        "measures": [_measure(measure, change if measure is headline else None) for measure in figure.measures],
        "tables": [table_json(table) for table in figure.tables if not is_register(figure, table)],
        "notes": [sentence(note) for note in figure.notes],
        "why_not": sentence(figure.why_not) if figure.why_not else None,
    }


def _measure(measure: Measure, change: Words | None) -> dict[str, Json]:
    return {
        "key": measure.key,
        "change": pair(change) if change else None,
        "words": sentence(measure.words),
        "kind": measure.kind,
        "value": _value(measure.value),
        "decimals": decimals_of(measure.kind, (measure.value,)),
        "why_not": sentence(measure.why_not) if measure.why_not else None,
        "parts": list(measure.parts) if measure.parts else None,
    }


def table_json(table: FigureTable) -> dict[str, Json]:
    """The largest rows first where they are drawn; the numbers of a column have the same decimals."""
    rows = [[_value(value) for value in row] for row in rank_rows(table)]
    return {
        "name": table.name,
        "title": sentence(table.title),
        "finding": pair(found) if (found := chart_finding(table)) else None,
        "columns": [
            {
                "key": column.key,
                "words": sentence(column.words),
                "kind": column.kind,
                "decimals": None if column.mixed else decimals_of(column.kind, (row[at] for row in table.rows)),
            }
            for at, column in enumerate(table.columns)
        ],
        "repeated": pack_rows(rows),
        "rows": rows,
        "chart": _chart(table, table.chart),
        "why_not": sentence(table.why_not) if table.why_not else None,
    }


def _chart(table: FigureTable, chart: Chart | None) -> Json:
    if chart is None:
        return None
    plan: dict[str, Json] = {"drawn": chart.drawn, "along": chart.along, "values": list(chart.values)}
    if chart.drawn == "matrix":
        downs, rights = matrix_axes(table, chart)
        plan |= {
            "across": chart.across,
            "downs": [code_of(value) for value in downs],
            "rights": [code_of(value) for value in rights],
        }
    return plan


def _value(value: Value) -> Json:
    """A label is `[code, words]`; that of a record `[id, null, record]`, because the page knows its name."""
    if isinstance(value, Label):
        return [value.code, None, str(value.rid)] if value.rid else [value.code, pair(value.words)]
    return float(value) if isinstance(value, Decimal) else value


MOST = 14  # nodes of a column
NONE, OTHERS, GROUP = "", "\0others", "\0flows "
KINDS = ("party", "equipment", "network", "flow", "use_case")
TYPES = 1  # the column whose nodes are types of equipment, not records
MISSING = {
    "party": Words("no owner", "sans propriétaire"),
    "equipment": Words("no type", "sans type"),
    "network": Words("no network", "sans réseau"),
    "flow": Words("no flow", "sans flux"),
    "use_case": Words("no use case", "sans cas d'usage"),
}


class StreamNode(NamedTuple):
    """One node: the position of its column and its key (`NONE`: no value; `OTHERS`: all that do not fit)."""

    column: int
    key: str


Link: TypeAlias = tuple[StreamNode, StreamNode]
Links: TypeAlias = Counter[Link]


def streams_json(view: View) -> Json:
    """`columns`: titles; `nodes`: [column, label, record or null]; `links`: [from, to, devices]. None where the
    registry has no equipment in place, or lacks the kinds."""
    if any(name not in view.schemas.kinds for name in KINDS):
        return None
    devices = [{link for way in ways for link in pairwise(way)} for ways in _ways(view)]
    if not devices:
        return None
    links, folded = _fold_narrow(devices)
    wide = _widths(links)
    nodes = sorted(wide, key=lambda node: (node.column, node.key == NONE, node.key == OTHERS, -wide[node], node.key))
    place = {node: index for index, node in enumerate(nodes)}
    return {
        "columns": [pair(view.schemas.kinds[name].title) for name in KINDS],
        "nodes": [_node(view, node, folded) for node in nodes],
        "links": sorted([place[start], place[end], number] for (start, end), number in links.items()),
    }


def _ways(view: View) -> Iterator[list[tuple[StreamNode, ...]]]:
    """Of each device in place, the ways that it goes."""
    feeding: dict[str, list[Record]] = defaultdict(list)
    flows = _flows(view)
    for flow in flows:
        for id in dict.fromkeys(_texts(flow.data.get("equipment"))):
            feeding[id].append(flow)
    for device in filter(partial(present, view), view.of_kind("equipment")):
        head = [_text(device, "owner"), _text(device, "type"), _text(device, "network")]
        carried = [(flow.rid.id, flow) for flow in feeding.get(device.rid.id, ())] or [(NONE, device)]
        yield [
            tuple(StreamNode(column, key) for column, key in enumerate([*head, _group(name, use, len(flows)), use]))
            for name, uses in carried
            for use in list(dict.fromkeys(_texts(uses.data.get("use_cases")))) or [NONE]
        ]


def _flows(view: View) -> list[Record]:
    return list(filter(partial(present, view), view.of_kind("flow")))


def _group(flow: str, use_case: str, flows: int) -> str:
    """The node of a flow: its own, or that of all flows for a use case."""
    return f"{GROUP}{use_case}" if flow != NONE and flows > MOST else flow


def _text(record: Record, name: str) -> str:
    found = value_at(record.data, (name,))
    return found if isinstance(found, str) else NONE


def _texts(value: Json) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _fold_narrow(devices: Sequence[Iterable[Link]]) -> tuple[Links, dict[int, int]]:
    """The links with the narrow nodes of each column folded into one, and how many were folded."""
    wide = _widths(Counter(link for own in devices for link in own))
    kept: set[StreamNode] = set()
    folded: dict[int, int] = {}
    for column in range(len(KINDS)):
        own = sorted((node for node in wide if node.column == column), key=lambda node: (-wide[node], node.key))
        most = MOST if len(own) <= MOST else MOST - 1
        kept.update(own[:most])
        folded[column] = len(own) - len(own[:most])

    def fold(node: StreamNode) -> StreamNode:
        return node if node in kept else StreamNode(node.column, OTHERS)

    return Counter(link for own in devices for link in {(fold(start), fold(end)) for start, end in own}), folded


def _widths(links: Links) -> dict[StreamNode, int]:
    """Devices through each node: the larger of what comes and what goes."""
    comes, goes = Counter[StreamNode](), Counter[StreamNode]()
    for (start, end), number in links.items():
        goes[start] += number
        comes[end] += number
    return {node: max(comes[node], goes[node]) for node in comes.keys() | goes.keys()}


def _node(view: View, node: StreamNode, folded: dict[int, int]) -> Sequence[Json]:
    kind = KINDS[node.column]
    if node.key == OTHERS:
        number = folded[node.column]
        return [node.column, pair(Words(f"{number} others", f"{number} autres")), None]
    if node.key == NONE:
        return [node.column, pair(MISSING[kind]), None]
    if node.key.startswith(GROUP):
        use = node.key.removeprefix(GROUP)
        number = sum(use in _texts(flow.data.get("use_cases")) for flow in _flows(view))
        what = count_noun(number, Words("flow", "flux"), Words("flows", "flux"))
        words = label(view, "use_case", use).words if use else MISSING["use_case"]
        return [node.column, pair(Words(f"{what.en}: {words.en}", f"{what.fr}\u00a0: {words.fr}")), None]
    if node.column == TYPES:
        field = view.schemas.kinds[kind].by_path.get(("type",))
        words = field.labels.get(node.key, Words(node.key, node.key)) if field else Words(node.key, node.key)
        return [node.column, pair(readable(words)), None]
    record = view.get(RecordId(kind, node.key))
    if record is None:
        return [node.column, node.key, None]
    about = view.schemas.kinds[kind]
    words = Words(about.label_of(record.data, "en") or node.key, about.label_of(record.data, "fr") or node.key)
    return [node.column, pair(words), f"{kind}/{node.key}"]
