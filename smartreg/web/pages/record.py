"""`/records/KIND/ID`: a record in words, what refers to it, its cover today, its findings, its history, its label; and
the manual page of a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from smartreg.commands.coverage import coverage
from smartreg.commands.export import ExportOptions, export_tables
from smartreg.commands.history import blame_record, log
from smartreg.commands.reference import explain, page_of
from smartreg.commands.show import RecordView, show
from smartreg.commands.validate import ValidateOptions, Verdict, validate
from smartreg.core.errors import UsageFault
from smartreg.core.findings import SEVERITIES, Finding
from smartreg.core.markdown import markdown
from smartreg.core.messages import Language, Message, Text, joined, verbatim
from smartreg.core.values import Json, KeyPath, RecordId
from smartreg.domain.coverage import KINDS
from smartreg.domain.kinds import CONVENTION, is_convention, is_network, is_party
from smartreg.history.entries import LogOptions
from smartreg.registry import Registry, alias_of
from smartreg.reporters.blame_report import render_blame
from smartreg.reporters.cover_wording import describe_cover, describe_way, family
from smartreg.schema import Kind, unit_suffix
from smartreg.schema.cells import cell
from smartreg.tables.view import AUDIENCES
from smartreg.web.state import Shown
from smartreg.web.visit import Absent, Answer, Page, View, Visit, WholePage
from smartreg.wording.log_report import render_log
from smartreg.workspace.origin import find_record

REFERRING, ENTRIES = 100, 20  # most records that refer to one, and most commits


class Value(NamedTuple):
    """One value as people read it, and the record that it names."""

    text: str
    rid: RecordId | None = None


class Row(NamedTuple):
    """A field of a record: its titles from the outermost, and its values."""

    title: Text
    values: tuple[Value, ...]


def rid_of(visit: Visit) -> RecordId:
    """The record that the address names; Absent if there is none of its kind, or no such kind."""
    rid = RecordId(visit.parameters.get("kind", CONVENTION), visit.parameters["id"])
    if rid not in visit.registry:
        try:
            find_record(visit.workspace, visit.registry, str(rid), None)
        except UsageFault as fault:
            raise Absent(fault.message, fault.hint) from None
    return rid


def verdict_of(shown: Shown) -> Verdict:
    """The findings of the whole registry, computed once for a state."""
    options = ValidateOptions(shown.today, count_notes=True)
    return shown.once("verdict", lambda: validate(shown.workspace, options))


def show_record(visit: Visit) -> Answer:
    """What the record says, as it reads today, and what follows from it."""
    rid, registry = rid_of(visit), visit.registry
    files = registry.files_of(rid)
    findings = [finding for finding in verdict_of(visit.shown).findings if finding.where.file in files]
    if all(registry.at(file) is None for file in files):
        return View("unreadable.html", {"rid": rid, "files": files, "findings": by_severity(findings)})
    view = show(visit.workspace, str(rid), visit.today, lang=visit.lang)
    life = view.kind.lifecycle
    links_here = (link for link in registry.links_to(rid) if alias_of(link.source.id) is None)  # others have no page
    referring = list(islice(links_here, REFERRING + 1))
    sources = dict.fromkeys(link.source for link in referring[:REFERRING])
    history = log(visit.workspace, record=str(rid), wanted=LogOptions(limit=ENTRIES)) if visit.workspace.repo else None
    return View(
        "record.html",
        {
            "rid": rid,
            "view": view,
            "rows": list(rows_of(view, registry, visit.lang)),
            "covers": covers_of(visit, view),
            "findings": by_severity(findings),
            "referring": [
                (registry.schemas.kinds[kind].plural, list(rids))
                for kind, rids in groupby(sources, lambda source: source.kind)
            ],
            "more_refer": len(referring) > REFERRING,
            "was_served": life is not None and view.record.data.get(life.field) in life.served,
            "has_cover_page": rid.kind in KINDS,
            "history": history and list(render_log(history.entries, record=rid, lang=visit.lang, zone=visit.zone)),
            "history_note": history and history.note,
        },
    )


def by_severity(findings: Sequence[Finding]) -> list[Finding]:
    """The gravest first."""
    return sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), finding.code, finding.where.file))


def rows_of(view: RecordView, registry: Registry, lang: Language) -> Iterator[Row]:
    """The fields of a record in words, with the records that they name."""
    targets: dict[KeyPath, RecordId] = {}
    for link in view.names:
        rids = (RecordId(kind, link.target) for kind in link.kinds)
        if (rid := next((rid for rid in rids if rid in registry), None)) is not None:
            targets[link.path] = rid
    for path, field, value in view.values():
        items: list[tuple[KeyPath, Json]] = (
            [((*path, at), item) for at, item in enumerate(value)] if isinstance(value, list) else [(path, value)]
        )
        words = [
            Value(
                cell(view.kind, view.kind.field_at(place) or field, item, lang)
                + (unit_suffix(item, field.unit).in_(lang) if field else ""),
                targets.get(place),
            )
            for place, item in items
        ]
        yield Row(title_of(view.kind, path), tuple(words))


def title_of(kind: Kind, path: KeyPath) -> Text:
    """The titles of a field from the outermost, items of lists by their number: `Measures 1 › Unit`."""
    titles: list[Text] = []
    for depth, part in enumerate(path):
        if isinstance(part, int):
            titles[-1] = joined([titles[-1], str(part + 1)], " ")
        else:
            field = kind.field_at(path[: depth + 1])
            titles.append(field.title if field else verbatim(part))
    return joined(titles, " › ")


def covers_of(visit: Visit, view: RecordView) -> list[tuple[Text, Text, Text, str]]:
    """Its exchanges with others today: the family, between whom, by which convention, and the state of it."""
    rid = view.record.rid
    if rid.kind not in KINDS or is_party(rid) or is_network(rid) or is_convention(rid):  # thousands: see /coverage
        return []
    result = coverage(visit.workspace, str(rid), visit.today, today=visit.today, lang=visit.lang)
    return [
        (
            family(result.conventions, cover.exchange.family),
            describe_way(cover),
            describe_cover(cover, result.on),
            cover.state(result.on),
        )
        for cover in result.covers[:REFERRING]
    ]


def show_fields(visit: Visit) -> Answer:
    """Who set each field, when and why."""
    rid = rid_of(visit)
    blame, note = blame_record(visit.workspace, record=str(rid))
    return View(
        "blame.html", {"rid": rid, "blame": list(render_blame(blame, lang=visit.lang, zone=visit.zone)), "note": note}
    )


def show_label(visit: Visit) -> Answer:
    """The label to print, as `export -f labels` makes it. UsageFault for a record that the public may not see, and
    where the settings name no address."""
    options = ExportOptions([visit.parameters["kind"]], [f"id={visit.parameters['id']}"], audience=AUDIENCES[0])
    (file,) = export_tables(visit.workspace, options, form="labels", lang=visit.lang).files
    return WholePage(file.content.decode())


def show_rule(visit: Visit) -> Answer:
    """The manual page of a rule."""
    try:
        rule = explain(visit.parameters["code"], lambda: visit.workspace.config.plugins)
    except UsageFault as fault:
        raise Absent(fault.message, fault.hint) from None
    return View("rule.html", {"rule": rule, "text": markdown(page_of(rule, visit.lang).partition("\n")[2])})


PAGES = (
    Page("/records/{kind}/{id}", show_record, command="show RECORD", does=Message("{record}")),
    Page("/records/{kind}/{id}/fields", show_fields),
    Page("/records/{kind}/{id}/label", show_label),
    Page("/rules/{code}", show_rule, command="explain code", does=Message("what {code} says")),
)
