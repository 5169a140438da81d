"""How data flows, summed up: owner → type of equipment → network → flow → use case, with how many devices go each way.

A device in place goes one way for each flow in service that it feeds and each use case that the flow serves; one that
feeds none goes on to its own use cases. A device of several ways counts once in what they share. A column shows its
widest nodes, the others together; of more flows than that, those for the same use case are one node.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from smartreg.core.messages import Localized, Message, Text, verbatim
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.fields import in_service, text, texts
from smartreg.reports.names import label, readable
from smartreg.reports.page.records import pair
from smartreg.reports.wording import number_words
from smartreg.tables import View

MOST = 14  # nodes of a column
NONE, OTHERS, GROUP = "", "\0others", "\0flows "
KINDS = ("party", "equipment", "network", "flow", "use_case")
TYPES = 1  # the column whose nodes are types of equipment, not records
MISSING = {
    "party": Message("no owner"),
    "equipment": Message("no type"),
    "network": Message("no network"),
    "flow": Message("no flow"),
    "use_case": Message("no use case"),
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
    widths = _widths(links)
    nodes = sorted(
        widths, key=lambda node: (node.column, node.key == NONE, node.key == OTHERS, -widths[node], node.key)
    )
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
        for id in dict.fromkeys(texts(flow, "equipment")):
            feeding[id].append(flow)
    for device in filter(partial(in_service, view), view.of_kind("equipment")):
        head = [text(device, name) or NONE for name in ("owner", "type", "network")]
        carried = [(flow.rid.id, flow) for flow in feeding.get(device.rid.id, ())] or [(NONE, device)]
        yield [
            tuple(StreamNode(column, key) for column, key in enumerate([*head, _group(name, use, len(flows)), use]))
            for name, uses in carried
            for use in list(dict.fromkeys(texts(uses, "use_cases"))) or [NONE]
        ]


def _flows(view: View) -> list[Record]:
    return list(filter(partial(in_service, view), view.of_kind("flow")))


def _group(flow: str, use_case: str, flows: int) -> str:
    """The node of a flow: its own, or that of all flows for a use case."""
    return f"{GROUP}{use_case}" if flow != NONE and flows > MOST else flow


def _fold_narrow(devices: Sequence[Iterable[Link]]) -> tuple[Links, dict[int, int]]:
    """The links with the narrow nodes of each column folded into one, and how many were folded."""
    widths = _widths(Counter(link for of_device in devices for link in of_device))
    kept: set[StreamNode] = set()
    folded: dict[int, int] = {}
    for column in range(len(KINDS)):
        nodes = sorted((node for node in widths if node.column == column), key=lambda node: (-widths[node], node.key))
        most = MOST if len(nodes) <= MOST else MOST - 1
        kept.update(nodes[:most])
        folded[column] = len(nodes) - len(nodes[:most])

    def fold(node: StreamNode) -> StreamNode:
        return node if node in kept else StreamNode(node.column, OTHERS)

    links = Counter(link for of_device in devices for link in {(fold(start), fold(end)) for start, end in of_device})
    return links, folded


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
        return [node.column, pair(Message("{number} others", number=number)), None]
    if node.key == NONE:
        return [node.column, pair(MISSING[kind]), None]
    if node.key.startswith(GROUP):
        return [node.column, pair(_flows_together(view, node.key.removeprefix(GROUP))), None]
    if node.column == TYPES:
        field = view.schemas.kinds[kind].by_path.get(("type",))
        words = field.labels.get(node.key, verbatim(node.key)) if field else verbatim(node.key)
        return [node.column, pair(readable(words)), None]
    record = view.get(RecordId(kind, node.key))
    if record is None:
        return [node.column, node.key, None]
    about = view.schemas.kinds[kind]
    words = Localized.of(
        en=about.label_of(record.data, "en") or node.key, fr=about.label_of(record.data, "fr") or node.key
    )
    return [node.column, pair(words), f"{kind}/{node.key}"]


def _flows_together(view: View, use_case: str) -> Text:
    """`15 flows: Measure noise`."""
    number = sum(use_case in texts(flow, "use_cases") for flow in _flows(view))
    if number == 1:
        flows = Message("1 flow: {use_case}")
    else:
        flows = Message("{number} flows: {use_case}")
    name = label(view, "use_case", use_case).words if use_case else MISSING["use_case"]
    return flows.fill(number=number_words(number), use_case=name)
