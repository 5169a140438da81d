"""`add-<noun>`, `add KIND`: a command made from the schema of each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from smartreg.cli import load
from smartreg.cli.adding.options import AddOptions, field_options
from smartreg.cli.adding.values import decimals_of, name_missing_fields, read_values
from smartreg.cli.help_page import HELP
from smartreg.cli.options import Common, offer, option_names, t
from smartreg.cli.session import RunOptions, Session, session_command
from smartreg.cli.writing import FORMATS, Writing, attempt, report_write
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, computed
from smartreg.core.values import Json
from smartreg.registry import Near, carriers, nearest, schemas_on_disk, typed_point
from smartreg.schema import Field, Kind, Schemas, bundled_files, read_schemas
from smartreg.trees import root_above
from smartreg.workspace.add import add, find_missing_fields
from smartreg.workspace.workspace import record_of

OWN = t("Record")
_own = partial(typer.Option, rich_help_panel=OWN)


def command_for(word: str, folder: str) -> tuple[Callable[..., int], str]:
    """The Typer command that adds a record of the kind or preset that people call `word`, and what it does, with the
    schemas of the registry at or above `folder`, or those of this release. UnknownKind when there is none."""
    kind, preset = schemas_at(folder).kind_or_preset(word)
    add_options = add_options_for(kind, preset)
    options = {option.name: option.annotation for option in add_options.options}
    own: dict[str, Any] = {**_general(kind), **options, "writing": Writing}
    command = partial(add_command, add_options)
    return session_command(command, own, RunOptions(FORMATS, writes=True, prefetch=True)), _about(kind, preset)


def add_options_for(kind: Kind, preset: Mapping[str, Json]) -> AddOptions:
    """The options of `add-…` for a kind and preset values."""
    taken = option_names([*_general(kind).values(), Common, Writing], HELP)
    return AddOptions(kind, preset, field_options(kind, taken))


def add_command(add_options: AddOptions, session: Session, writing: Writing, **words: Any) -> int:
    """Add the record that the command line describes; on a terminal, ask for the rest of it."""
    if words["repeat"] and not session.interactive:
        raise UsageFault(Message("--repeat needs a terminal"))
    kind, registry = add_options.kind, session.workspace.current
    values = read_values(add_options, registry, words)
    near = _near(session, kind, words.get("near"), values)
    decimals = decimals_of(add_options, words)
    if session.interactive:
        like = bool(carriers(kind)) and not (words["like"] or words["file"])
        forms = load("asking.adding")
        model = record_of(registry, words["like"], kind.name) if words["like"] else None
        nearby = forms.carriers_near(registry, kind, model) if model else ()
        form = forms.NewRecord(
            session, kind, values, near, nearby, offers_like=like, asks_id=not writing.yes, given_decimals=decimals
        )
        dialogue = load("cli.adding.dialogue")
        code: int = dialogue.add_by_questions(session, add_options, writing, form, repeat=words["repeat"])
        return code
    options = writing.options(session, session.today)
    values |= _take_nearest(session, kind, near)
    missing = find_missing_fields(kind, registry.schemas, values)
    if missing:
        raise name_missing_fields(
            add_options, missing, ["smartreg", *session.command.split(" "), *session.words], session.why_not
        )
    with attempt(session):
        outcome = add(session.workspace, kind, values, options=options, decimals=decimals)
    return report_write(session, outcome)


def schemas_at(folder: str) -> Schemas:
    """The schemas in force at `folder`, read without opening the registry. UsageFault when they cannot be used."""
    root = root_above(Path(folder))
    return schemas_on_disk(root) if root else read_schemas(bundled_files())


def about(word: str, folder: str) -> str:
    """One line on what `add WORD` adds."""
    return _about(*schemas_at(folder).kind_or_preset(word))


def _about(kind: Kind, preset: Mapping[str, Json]) -> str:
    labels = [kind.by_path[(name,)].labels.get(value) for name, value in preset.items()]
    devices = [label for label in labels if label] or [kind.title]
    names = computed(lambda lang: " ".join(each.in_(lang) for each in devices).lower())
    return t("Add a record: {names}. {description}", names=names, description=kind.description)


def _general(kind: Kind) -> dict[str, Any]:
    """The options of every kind, by parameter; `--near` where another record gives the position."""
    like = _own(
        "--like",
        metavar="RECORD",
        help=t("copy what can be shared from this record"),
        autocompletion=offer("records", kind.name),
    )
    set_ = _own(
        "--set",
        metavar="PATH=VALUE",
        help=t("set any field by its path"),
        autocompletion=offer("fields_of", kind.name),
    )
    near = {"near": _NEAR} if carriers(kind) else {}
    shared = {"like": Annotated[str | None, like], "file": _FILE, "assignments": Annotated[list[str], set_]}
    return {"own_id": _ID, **near, **shared, "repeat": _REPEAT}


_ID = Annotated[str | None, _own("--id", metavar="ID", help=t("id (default: generated)"))]
_NEAR = Annotated[
    str | None,
    _own(
        "--near",
        metavar="LAT,LON",
        help=t("offer what can carry it, nearest to this point first"),
    ),
]
_FILE = Annotated[
    str | None,
    _own(
        "--from",
        metavar="FILE|-",
        help=t("read values from a YAML or JSON file (-: stdin)"),
        autocompletion=offer("files"),
    ),
]
_REPEAT = Annotated[bool, _own("--repeat", help=t("ask for another one afterwards"))]


def _carrier(kind: Kind) -> Field:
    """The reference by which a record of this kind has a position. UsageFault when it has none."""
    for field in carriers(kind):
        return field
    raise UsageFault(Message("a {kind} has no support: --near does not apply", kind=kind.name, title=kind.title))


def _near(session: Session, kind: Kind, word: str | None, values: Mapping[str, Json]) -> Sequence[Near]:
    if word is None:
        return ()
    field = _carrier(kind)
    where = typed_point(word, "--near")
    if field.path[0] in values:
        return ()
    near = nearest(session.workspace.current, field.refs, where)
    if not near:
        carrier = session.workspace.current.schemas.kinds[field.refs[0]]
        raise UsageFault(
            Message("there is no {kind} with a position", kind=carrier.title_in_a_sentence),
            Message("add one first: smartreg add {ref}", ref=field.refs[0]),
        )
    return near


def _take_nearest(session: Session, kind: Kind, near: Sequence[Near]) -> dict[str, Json]:
    """The carrier of the record if nobody can be asked: the nearest, if it is at that place; else UsageFault names the
    nearest ones. Nothing without `--near`."""
    if not near:
        return {}
    limit = session.workspace.current.config.thresholds.support_distance_m
    name, best = _carrier(kind).path[0], near[0]
    if best.metres <= limit:
        id = best.record.rid.id
        session.console.note(Message("{name} {id}, {metres} m from there", name=name, id=id, metres=round(best.metres)))
        return {name: id}
    listed = "\n".join(f"  {carrier.record.rid.id}  {carrier.metres:.0f} m" for carrier in near)
    raise UsageFault(
        Message("nothing within {limit} m; the nearest are:\n{listed}", limit=round(limit), listed=listed),
        Message("choose with --{option}", option=_carrier(kind).option),
    )
