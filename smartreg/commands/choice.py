"""The selection for an export: which records, for whom, which columns; its parts, for `--each`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile

from smartreg.commands.coverage import COVERAGE, COVERED_KINDS, coverage_table
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Language, Message, Text
from smartreg.core.spelling import did_you_mean, slug
from smartreg.core.values import Data, Json, Record
from smartreg.domain.crs import WGS84, Projection, projection
from smartreg.domain.titles import read_on
from smartreg.exporters import FORMATS, Chosen
from smartreg.registry import Registry
from smartreg.schema import Kind, Schemas, fields_under
from smartreg.tables import Table, View, tables
from smartreg.tables.adapted import label_table, narrow_tables, project_table
from smartreg.tables.records import may_be_placed
from smartreg.tables.view import AUDIENCES, is_hidden, view
from smartreg.workspace.conditions import field_value, parse_conditions
from smartreg.workspace.conventions import KIND as CONVENTION
from smartreg.workspace.conventions import VERSIONS, versions_table
from smartreg.workspace.origin import RecordDays, commit_shown, source_of
from smartreg.workspace.workspace import Workspace, today_in, unreadable

INTERNAL = AUDIENCES[-1]
COMPUTED = (VERSIONS, COVERAGE)
"""The tables of an export that show no field of a record; files of earlier versions are without them."""


@dataclass(frozen=True)
class ExportOptions:
    """The selection: kinds (none: all), conditions FIELD=VALUE that must all hold, names of columns (none: all), for
    whom, of which state, whether tables of lists without a row are made too, whether all of it becomes one partition of
    a data set of several registries, in which system points are shown too (None: WGS 84 alone), of which language
    labels stand for codes (None: codes), and the field of `--each`, of which `where` gives one value, in a workbook to
    be filled in (None: a plain export)."""

    kinds: Sequence[str] = ()
    where: Sequence[str] = ()
    columns: Sequence[str] = ()
    audience: str = INTERNAL
    at: str | None = None
    all_tables: bool = False
    partitioned: bool = False
    crs: str | None = None
    labels: Language | None = None
    each: str | None = None


def seen_by(workspace: Workspace, request: ExportOptions) -> tuple[Registry, View]:
    """The registry in the state that was asked for, and what the audience sees of it."""
    key, kept = (request.at or "", request.audience), workspace.past_views
    if kept is not None and key in kept:
        return kept[key]
    registry = workspace.registry(request.at)
    made = registry, view(registry, request.audience)
    if kept is not None and request.at is not None:
        kept[key] = made
    return made


def choose(
    workspace: Workspace, registry: Registry, request: ExportOptions, seen: View | None = None
) -> tuple[Chosen, Sequence[str]]:
    """The records that were asked for, of those that the audience has `seen` (None: all that it may see), with all of
    their tables, and the files that cannot be read. UsageFault for an unknown kind or field, and when no record meets
    the conditions."""
    seen = seen or view(registry, request.audience)
    sets = registry.config.columns
    request = replace(request, columns=[name for word in request.columns for name in sets.get(word, (word,))])
    presets = presets_of(registry, request)
    names = tuple(presets or registry.schemas.kinds)
    system = system_of(request, [registry.schemas.kinds[name] for name in names])
    kinds = [seen.schemas.kinds[name] for name in names]
    seen = _filter(seen, kinds, request, presets, _reference(workspace, registry) if request.where else date.min)
    lost = seen.tables.unreadable(names) if seen.whole else unreadable(registry, kinds)
    source = {**origin(workspace, registry, request, lost), **values_withheld(seen)}
    shown_tables = _tables_shown(seen, kinds, system, request.labels, registry.schemas)
    if request.each is None and {*COVERED_KINDS} <= {*names}:
        stated = source["reference_date"]
        on = date.fromisoformat(stated) if isinstance(stated, str) else today_in(registry.config.timezone)
        cover = coverage_table(registry, seen, on, [table.name for table in shown_tables])
        shown_tables += (label_table(cover, request.labels, registry.schemas) if request.labels else cover,)
    days = RecordDays(workspace.history if workspace.repo else None, registry.schemas, source["commit"])
    shown = Chosen(tuple(kinds), seen, shown_tables, source, tuple(request.columns), days.modified, days.created)
    shown = replace(shown, publisher=registry.config.metropole, crs=system, labels=request.labels)
    return replace(shown, label_address=registry.config.labels.address), lost


def _tables_shown(
    seen: View, kinds: Sequence[Kind], system: Projection | None, labels: Language | None, schemas: Schemas
) -> tuple[Table, ...]:
    """The tables of the requested records, with points in another system too, and labels for codes."""
    placed = (project_table(table, system) if system else table for table in export_tables_of(seen, kinds))
    return tuple(label_table(table, labels, schemas) if labels else table for table in placed)


def split(chosen: Chosen, name: str, request: ExportOptions, schemas: Schemas) -> Iterator[tuple[str, Chosen]]:
    """The parts of a choice: for each value of the field of this name the records that have it, as if the value had
    been one of the conditions. A record with a list of values is in several parts, one without a value in none."""
    parts: dict[str, dict[str, list[Record]]] = {}
    for kind in chosen.kinds:
        for record in chosen.view.of_kind(kind.name):
            value = field_value(chosen.view, record, name)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, str):
                    parts.setdefault(item, {}).setdefault(kind.name, []).append(record)
    for value, requested in sorted(parts.items()):
        view = chosen.view.only(requested)
        tables_of_part = _tables_shown(view, chosen.kinds, chosen.crs, chosen.labels, schemas)
        where = [*request.where, f"{name}={value}"]
        facts = _facts(replace(request, where=where, columns=chosen.fields))
        state = dict(takewhile(lambda fact: fact[0] != "audience", chosen.source.items()))
        source = {**state, **facts, **chosen.source, **facts}  # in the order of a plain export with this condition
        yield value, replace(chosen, view=view, tables=tables_of_part, source=source)


def export_tables_of(source: Registry | View, kinds: Sequence[Kind]) -> Iterator[Table]:
    """The tables of these kinds, those of conventions with their versions."""
    all_tables = tables(source, kinds)
    for place, table in enumerate(all_tables):
        yield table
        if table.kind.name == CONVENTION and all(other.kind.name != CONVENTION for other in all_tables[place + 1 :]):
            yield versions_table(source, [other.name for other in all_tables])


def system_of(request: ExportOptions, kinds: Sequence[Kind]) -> Projection | None:
    """The requested system. UsageFault if there is none, and if nothing would be in it."""
    if request.crs is None:
        return None
    if request.crs.strip().upper() in (WGS84, WGS84.removeprefix("EPSG:")):
        raise UsageFault(
            Message("lon and lat are in EPSG:4326 (WGS 84) anyway"),
            Message("leave --crs out"),
        )
    if not any(may_be_placed(kind) for kind in kinds):
        names = ", ".join(kind.name for kind in kinds)
        raise UsageFault(
            Message("--crs is for what has a place, not for {names}", names=names),
            Message("leave it out"),
        )
    return projection(request.crs)


def origin(
    workspace: Workspace, registry: Registry, request: ExportOptions, lost: Sequence[str] = ()
) -> Mapping[str, Json]:
    """Where an export comes from, and what was asked for; the files that are `lost`."""
    facts = _facts(request)
    if lost:  # their names are theirs who keep the registry: nobody can say for whom the records are
        facts |= {"unreadable": list(lost)} if request.audience == INTERNAL else {"unreadable_records": len(lost)}
    return {**source_of(workspace, registry), **facts}


def _facts(request: ExportOptions) -> dict[str, Json]:
    """What was asked for."""
    words_by_option = {"kinds": request.kinds, "where": request.where, "columns": request.columns}
    facts: dict[str, Json] = {"audience": request.audience}
    facts |= {name: list(words) for name, words in words_by_option.items() if words}
    facts |= {"crs": request.crs} if request.crs else {}
    facts |= {"labels": request.labels} if request.labels else {}
    return facts | ({"each": request.each} if request.each else {})


def values_withheld(seen: View) -> dict[str, Json]:
    """How many values are withheld because they are contacts of people; empty if none are."""
    return {"withheld_values": sum(seen.contacts.values())} if seen.contacts else {}


def presets_of(registry: Registry, request: ExportOptions) -> Mapping[str, Sequence[Data]]:
    """The kinds that were named, each with the values of the presets (sensors, gateways …) that were named for it."""
    presets: dict[str, list[Data]] = {}
    for word in request.kinds:
        if word in FORMATS and word not in registry.schemas.names:
            raise UsageFault(
                Message("{word} is a format, not a kind", word=word),
                Message("write -f {word}", word=word),
            )
        kind, values = registry.schemas.kind_or_preset(word)
        presets.setdefault(kind.name, []).append(values)
    return presets


def _reference(workspace: Workspace, registry: Registry) -> date:
    """The day of the commit that is shown; today for an uncommitted state."""
    repo, commit = workspace.repo, commit_shown(workspace, registry.tree)
    return (repo.commit_day(commit) if repo is not None and commit else None) or today_in(registry.config.timezone)


def _filter(
    seen: View, kinds: Sequence[Kind], request: ExportOptions, presets: Mapping[str, Sequence[Data]], on: date
) -> View:
    """The records that meet the conditions, conventions as they read on a day, and are of one of the presets.
    UsageFault when conditions leave none."""
    for text in request.where:
        _refuse_hidden(text.partition("=")[0].removesuffix("!"), request.audience)
    tests = parse_conditions(seen, kinds, request.where)
    if not tests and not any(all(values) for values in presets.values()):
        return seen

    def is_requested(record: Record) -> bool:
        alike = (values.items() <= record.data.items() for values in presets.get(record.rid.kind, ({},)))
        return any(alike) and all(test(read_on(seen, record, on)) for test in tests)

    requested = {kind.name: tuple(filter(is_requested, seen.of_kind(kind.name))) for kind in kinds}
    if tests and not any(requested.values()):
        conditions = ", ".join(request.where)
        raise UsageFault(
            Message("no record meets {conditions}", conditions=conditions),
            Message("nothing was written; smartreg list shows what there is"),
        )
    return seen.only(requested)


def _refuse_hidden(name: str, audience: str) -> None:
    """UsageFault for a field that the audience may not see."""
    if any(is_hidden(part, audience) for part in name.split(".")):
        raise UsageFault(
            Message("{name} is not for the audience {audience}", name=name, audience=audience),
            Message("leave it out, or choose another --audience"),
        )


def with_rows(chosen: Chosen, request: ExportOptions) -> Chosen:
    """Without the tables that have no row: of lists; of records only where some were asked for, of no kind in
    particular."""
    if request.all_tables:
        return chosen
    always = bool(request.kinds) or not request.where
    kept = (table for table in chosen.tables if (table.main and always) or next(table.rows(), None) is not None)
    return replace(chosen, tables=tuple(kept))


def with_columns(chosen: Chosen, names: Sequence[str], audience: str) -> Chosen:
    """Only the requested columns, by name, heading or title. UsageFault for an unknown one."""
    fields: list[str] = []
    for name in chosen.fields:
        columns = [name] if name in names else _columns_under(chosen, name, names)
        fields += columns
        if not columns:
            _refuse_hidden(name, audience)
            listed = ", ".join(names)
            raise UsageFault(
                Message('no column "{name}"', name=name),
                did_you_mean(name, names) or Message("there are {listed}", listed=listed),
            )
    return replace(chosen, fields=tuple(fields), tables=tuple(narrow_tables(chosen.tables, fields)))


def _columns_under(chosen: Chosen, name: str, names: Sequence[str]) -> list[str]:
    """The columns that stand under this heading in any table, else those whose fields have it as their title."""
    columns = (column for table in chosen.tables if table.main for column in table.columns)
    word = slug(name)
    headings = [
        item.name for item in columns if word and word in (slug(item.heading.in_("en")), slug(item.heading.in_("fr")))
    ]
    fields = (field for kind in chosen.kinds for field in kind.fields if not field.in_list)
    return [candidate for candidate in dict.fromkeys((*headings, *fields_under(name, fields))) if candidate in names]


def refuse_unknown_audience(word: str) -> None:
    """UsageFault with a suggestion for an unknown audience."""
    listed = ", ".join(AUDIENCES)
    _refuse_unknown(
        word,
        AUDIENCES,
        Message('no audience "{word}"; there are {known}', word=word, known=listed),
    )


def refuse_unknown_format(word: str, formats: Sequence[str]) -> None:
    """UsageFault with a suggestion for an unknown format."""
    listed = ", ".join(formats)
    _refuse_unknown(word, formats, Message('no format "{word}"; there are {known}', word=word, known=listed))


def refuse_unknown_dialect(word: str, dialects: Sequence[str]) -> None:
    """UsageFault with a suggestion for an unknown dialect."""
    listed = ", ".join(dialects)
    _refuse_unknown(
        word,
        dialects,
        Message('no dialect "{word}"; there are {known}', word=word, known=listed),
    )


def _refuse_unknown(word: str, words: Sequence[str], message: Text) -> None:
    if word not in words:
        raise UsageFault(message, did_you_mean(word, words))
