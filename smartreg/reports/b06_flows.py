"""B6: the data flows in service: how open they are, who receives them, third parties, personal data.

A third party is a party other than the Métropole, of a category that the settings count as such, that takes part in a
flow; DAT502 and DAT503 use the same definition. Of a public flow the consumers are left out: anybody may be one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from smartreg.core.messages import Message
from smartreg.core.values import Json, Record, value_at
from smartreg.domain.days import day_of
from smartreg.domain.fields import text, texts
from smartreg.domain.flows import is_personal, participants, personal
from smartreg.domain.titles import title_versions
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Measure, Value, share, yes
from smartreg.reports.material import Material

TITLE = Message("Data flows")
DEFINITION = Message(
    "Data flows in service, by access and licence. A third party is a company or body, other than the Métropole and "
    "the communes, that takes part in a flow."
)
FINDING = Message("Access “{down}” with “{right}” is the most frequent: {n} of {all} flows.")
NOTHING = Message("the registry has no flow in service")
NO_THIRD = Message("no third party takes part in a flow")
NO_PERSONAL = Message("no flow carries personal data for which an impact assessment is needed")


def figure(material: Material) -> Figure:
    flows = [flow for flow in material.of("flow") if material.present(flow)]
    if not flows:
        return Figure(6, TITLE, why_not=NOTHING)
    thirds = sorted({party for flow in flows for party in _thirds(material, flow)})
    rows = tuple(_third(material, party) for party in thirds)
    return Figure(6, TITLE, _measures(material, flows, rows), (_access(material, flows), _parties(rows, material)))


def _measures(
    material: Material, flows: Sequence[Record], thirds: Sequence[tuple[str, str | None, str | None]]
) -> tuple[Measure, ...]:
    both = sum(charter is not None and clause is not None for _, charter, clause in thirds)
    persons = [flow for flow in flows if is_personal(flow)]
    assessed = [status for flow in persons if (status := _assessment(flow)) != "not_required"]
    others = sum(
        any(material.holder(id) != material.holder(text(flow, "producer")) for id in texts(flow, "consumers"))
        for flow in flows
    )
    public = sum(text(flow, "access") == "public" for flow in flows)
    return (
        Measure("flows", Message("flows in service"), "count", len(flows)),
        share("public", Message("flows open to the public"), public, len(flows), NOTHING),
        share(
            "consumed",
            Message("flows received by another party"),
            others,
            len(flows),
            NOTHING,
        ),
        share(
            "third_parties",
            Message("third parties with charter and interface clause"),
            both,
            len(thirds),
            NO_THIRD,
        ),
        Measure(
            "personal",
            Message("flows with personal data"),
            "count",
            len(persons),
        ),
        share(
            "assessed",
            Message("impact assessments done, of those needed"),
            assessed.count("done"),
            len(assessed),
            NO_PERSONAL,
        ),
    )


def _thirds(material: Material, flow: Record) -> Iterator[str]:
    for participant in participants(flow):
        party = material.find("party", participant.party)
        counts = party is not None and text(party, "category") in material.config.third_party_categories
        if counts and participant.party not in material.metropole:
            yield participant.party


def _third(material: Material, id: str) -> tuple[str, str | None, str | None]:
    """A third party, the day of its charter and that of its interface clause (or of the convention that it signed),
    where they are not after the reference date."""
    party = material.find("party", id)
    charter = _by(material, value_at(party.data, ("data_charter", "signed_on")) if party else None)
    clauses = [_by(material, signed) for signed in _clauses(material, id)]
    return id, charter, min((signed for signed in clauses if signed), default=None)


def _clauses(material: Material, id: str) -> Iterator[Json]:
    for convention in material.of("convention"):
        for version in title_versions(material.view, convention):
            if id in version.bound:
                yield version.act.start.isoformat() if version.act else convention.data.get("signed_on")
            yield version.admitted.get(id, {}).get("interface_clause_on")


def _by(material: Material, value: Json) -> str | None:
    on = day_of(value)
    return on.isoformat() if on is not None and on <= material.as_of else None


def _assessment(flow: Record) -> str | None:
    assessment = personal(flow).get("dpia")
    status = assessment.get("status") if isinstance(assessment, Mapping) else None
    return status if isinstance(status, str) else None


def _access(material: Material, flows: Sequence[Record]) -> FigureTable:
    counts = Counter((text(flow, "access") or "", text(flow, "licence") or "") for flow in flows)
    none = Message("no licence")
    rows = tuple(
        (
            material.word("flow", "access", access),
            material.word("flow", "licence", licence) if licence else Label("none", none),
            counts[access, licence],
        )
        for access, licence in sorted(counts)
    )
    columns = (
        FigureColumn("access", Message("access"), "label"),
        FigureColumn("licence", Message("licence"), "label"),
        FigureColumn("flows", Message("flows")),
    )
    chart = Chart("matrix", "access", ("flows",), "licence", FINDING)
    return FigureTable("access", Message("By access and licence"), columns, rows, chart)


def _parties(rows: Sequence[tuple[str, str | None, str | None]], material: Material) -> FigureTable:
    columns = (
        FigureColumn("party", Message("third party"), "label"),
        FigureColumn("charter", Message("data charter signed on"), "date"),
        FigureColumn("clause", Message("interface clause dated"), "date"),
        FigureColumn("complete", Message("both"), "label"),
    )
    cells: tuple[tuple[Value, ...], ...] = tuple(
        (material.label("party", id), charter, clause, yes(charter is not None and clause is not None))
        for id, charter, clause in rows
    )
    why = None if rows else NO_THIRD
    return FigureTable("third_parties", Message("Third parties"), columns, cells, why_not=why)
