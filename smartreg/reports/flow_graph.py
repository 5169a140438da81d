"""The way of the data as a graph: party → equipment → network → flow → use case and recipient, of what is in service.

Equipment of one owner and type, on one network, in the same flows, for the same use cases is one node with a number,
unless single devices are requested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import Record, RecordId
from smartreg.domain.fields import in_service, text, texts
from smartreg.reports.names import label, word
from smartreg.tables import View

Stage: TypeAlias = Literal["party", "equipment", "network", "flow", "use_case", "consumer"]
STAGES: tuple[Stage, ...] = ("party", "equipment", "network", "flow", "use_case", "consumer")
Key: TypeAlias = tuple[Stage, str]


class Node(NamedTuple):
    """A node: its stage and a name of its own, what it is called, the record that it is (None for a group), how many
    devices it represents."""

    key: Key
    words: Text
    rid: RecordId | None
    devices: int = 1

    @property
    def stage(self) -> Stage:
        return self.key[0]


class Edge(NamedTuple):
    """From one node to the next, with the number of devices. From equipment to a use case: no flow carries its data
    there."""

    start: Key
    end: Key
    devices: int

    @property
    def bare(self) -> bool:
        """Whether no flow carries the data."""
        return self.start[0] == "equipment" and self.end[0] == "use_case"


@dataclass(frozen=True)
class Graph:
    """Nodes by stage, then by name; edges in the order of their nodes."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


class _Way(NamedTuple):
    """Where the data of a device go: its owner, itself, its network, its flows, and per flow (None: in none) the use
    cases."""

    device: Record
    owner: str | None
    network: str | None
    cases: Mapping[str | None, tuple[str, ...]]

    @property
    def group(self) -> str:
        """What devices have in common that are one node."""
        return repr((self.owner, text(self.device, "type"), self.network, sorted(self.cases.items(), key=repr)))


def graph(view: View, about: Collection[RecordId] = (), *, each: bool = False) -> Graph:
    """The graph of everything, or of what passes by any of the records `about`."""
    flows = {flow.rid.id: flow for flow in view.of_kind("flow") if in_service(view, flow)}
    ways = [near for way in _ways(view, flows.values(), about) if (near := _near(way, flows, about)) is not None]
    groups: dict[str, list[_Way]] = {}
    for way in ways:
        groups.setdefault(way.device.rid.id if each else way.group, []).append(way)
    edges: Counter[tuple[Key, Key]] = Counter()
    nodes: dict[Key, Node] = {}
    for number, same in enumerate(sorted(groups.values(), key=lambda same: same[0].device.rid)):
        node = _device(view, same, number)
        nodes[node.key] = node
        for start, end in set(_edges(same[0], node.key, flows)):
            edges[start, end] += len(same)
    drawn = {flow for way in ways for flow in way.cases}
    for flow in flows.values():
        if flow.rid.id not in drawn and (not about or not _named_by(flow).isdisjoint(about)):
            edges.update(_without_devices(flow))
    for key in {key for edge in edges for key in edge} - nodes.keys():
        name = label(view, "party" if key[0] == "consumer" else key[0], key[1])
        nodes[key] = Node(key, name.words, name.rid)
    order = sorted(
        nodes.values(), key=lambda node: (STAGES.index(node.stage), node.words.in_("fr").casefold(), node.key)
    )
    place = {node.key: index for index, node in enumerate(order)}
    ordered = sorted(edges, key=lambda edge: (place[edge[0]], place[edge[1]]))
    return Graph(tuple(order), tuple(Edge(start, end, edges[start, end]) for start, end in ordered))


def _near(way: _Way, flows: Mapping[str, Record], about: Collection[RecordId]) -> _Way | None:
    """The way if it passes by one of the records `about` (any, if there are none), with only the flows that one of them
    receives where nothing else is theirs; None otherwise."""
    if not about or not _records_on(way).isdisjoint(about):
        return way
    received: dict[str | None, tuple[str, ...]] = {
        flow: cases
        for flow, cases in way.cases.items()
        if flow is not None and not set(_consumers(flows[flow])).isdisjoint(about)
    }
    return way._replace(cases=received) if received else None


def _consumers(flow: Record) -> list[RecordId]:
    return [RecordId("party", id) for id in texts(flow, "consumers")]


def _named_by(flow: Record) -> set[RecordId]:
    """A flow, and the records that it names besides its devices."""
    cases = {RecordId("use_case", case) for case in texts(flow, "use_cases")}
    return {flow.rid, *cases, *_consumers(flow), RecordId("party", text(flow, "producer") or "")}


def _records_on(way: _Way) -> set[RecordId]:
    """The records that a way passes by, before the parties that receive its data."""
    keys = {("party", way.owner), ("network", way.network), ("support", text(way.device, "support"))}
    keys |= {("flow", flow) for flow in way.cases}
    keys |= {("use_case", case) for cases in way.cases.values() for case in cases}
    return {way.device.rid, *(RecordId(kind, id) for kind, id in keys if id is not None)}


def _ways(view: View, serving: Iterable[Record], about: Collection[RecordId]) -> Iterator[_Way]:
    """The way of each device in service; only through the requested flows or use cases, if any."""
    only = {kind: {rid.id for rid in about if rid.kind == kind} for kind in ("flow", "use_case")}
    flows: dict[str, list[Record]] = {}
    for flow in serving:
        if not only["flow"] or flow.rid.id in only["flow"]:
            for id in texts(flow, "equipment"):
                flows.setdefault(id, []).append(flow)
    for device in view.of_kind("equipment"):
        if in_service(view, device):
            feeding = flows.get(device.rid.id, ())
            yield _Way(
                device, text(device, "owner"), text(device, "network"), _cases(device, feeding, only["use_case"])
            )


def _cases(device: Record, flows: Sequence[Record], only: Collection[str]) -> Mapping[str | None, tuple[str, ...]]:
    """The use cases by flow: those that the flow names, else the device's own; those that no flow serves under None."""
    of_device = [case for case in texts(device, "use_cases") if not only or case in only]
    by_flow: dict[str | None, tuple[str, ...]] = {}
    for flow in flows:
        of_flow = [case for case in texts(flow, "use_cases") if not only or case in only]
        by_flow[flow.rid.id] = tuple(sorted(set(of_flow if texts(flow, "use_cases") else of_device)))
    served = {case for cases in by_flow.values() for case in cases}
    without_flow = tuple(sorted(set(of_device) - served))
    return {**by_flow, None: without_flow} if without_flow else by_flow


def _device(view: View, same: Sequence[_Way], number: int) -> Node:
    """The node of a device, or of several alike."""
    device = same[0].device
    if len(same) == 1:
        return Node(("equipment", device.rid.id), verbatim(device.rid.id), device.rid)
    label = word(view, "equipment", "type", text(device, "type"))
    words = Message("{type} × {number}", type=label.words if label else Message("equipment"), number=len(same))
    return Node(("equipment", f"={number}"), words, None, len(same))  # no id holds an equals sign


def _edges(way: _Way, device: Key, flows: Mapping[str, Record]) -> Iterator[tuple[Key, Key]]:
    if way.owner is not None:
        yield ("party", way.owner), device
    head: list[Key] = [device] if way.network is None else [device, ("network", way.network)]
    yield from pairwise(head)
    for flow, cases in way.cases.items():
        tail: Key = device
        if flow is not None:
            yield head[-1], ("flow", flow)
            tail = ("flow", flow)
            yield from ((tail, ("consumer", id)) for id in texts(flows[flow], "consumers"))
        yield from ((tail, ("use_case", case)) for case in cases)


def _without_devices(flow: Record) -> Iterator[tuple[Key, Key]]:
    """A flow that no device in service feeds: from its producer."""
    here: Key = ("flow", flow.rid.id)
    producer = text(flow, "producer")
    if producer is not None:
        yield ("party", producer), here
    yield from ((here, ("use_case", case)) for case in texts(flow, "use_cases"))
    yield from ((here, ("consumer", id)) for id in texts(flow, "consumers"))
