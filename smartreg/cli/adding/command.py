"""`add-<noun>`, `add KIND`: a command made from the schema of each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from smartreg.cli.adding.choices import Near, carrier, nearest, point
from smartreg.cli.adding.options import Made, made_options
from smartreg.cli.adding.questions import again, ask_id, complete, next_completed
from smartreg.cli.adding.values import from_file, given, missing, refused, typed_line
from smartreg.cli.candidates import by_schema, files, ids_of
from smartreg.cli.nouns import root_above
from smartreg.cli.options import Common, option_names, t
from smartreg.cli.session import RunOptions, Session, session_command
from smartreg.cli.usage import HELP
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.add import add, assign, like
from smartreg.commands.workspace import record_of
from smartreg.core.errors import Cancelled, SmartregError, UsageFault
from smartreg.core.values import Json, Words
from smartreg.edit import decimals_typed
from smartreg.registry import schemas_on_disk
from smartreg.schema import Kind, Schemas, UnknownKind, bundled_files, read_schemas

OWN = t("Record", "Fiche")
_own = partial(typer.Option, rich_help_panel=OWN)


@dataclass(frozen=True)
class Asked:
    """What `add-…` was asked for: kind, preset values, generated options, and the words of the command line."""

    kind: Kind
    preset: Mapping[str, Json]
    options: tuple[Made, ...]
    words: Mapping[str, Any]


def command_for(word: str, folder: str) -> tuple[Callable[..., int], str]:
    """The Typer command that adds a record of the kind or preset that people call `word`, and what it does, with the
    schemas of the registry at or above `folder`, or those of this release. UnknownKind when there is none."""
    kind, preset = schemas_at(folder).kind_or_preset(word)
    general = _general(kind)
    options = made_options(kind, option_names([*general.values(), Common, Writing], HELP))

    def run(session: Session, writing: Writing, **words: Any) -> int:
        return _run(session, writing, Asked(kind, preset, options, words))

    own: dict[str, Any] = {**general, **{option.name: option.annotation for option in options}, "writing": Writing}
    return session_command(run, own, RunOptions(FORMATS, writes=True, prefetch=True)), about(word, folder)


def schemas_at(folder: str) -> Schemas:
    """The schemas in force at `folder`, read without opening the registry. UsageFault when they cannot be used."""
    root = root_above(folder)
    return schemas_on_disk(Path(root)) if root else read_schemas(bundled_files())


def is_kind(word: str, folder: str) -> bool:
    """Whether people call a kind or a preset so."""
    try:
        schemas_at(folder).kind_or_preset(word)
    except UnknownKind:
        return False
    return True


def about(word: str, folder: str) -> str:
    """What `add WORD` adds, in a line."""
    kind, preset = schemas_at(folder).kind_or_preset(word)
    labels = [kind.by_path[(name,)].labels.get(value) for name, value in preset.items()]
    told = [label for label in labels if label] or [kind.title]
    en, fr = " ".join(one.en for one in told).lower(), " ".join(one.fr for one in told).lower()
    return t(f"Add a record: {en}. {kind.description.en}", f"Ajouter une fiche : {fr}. {kind.description.fr}")


def _general(kind: Kind) -> dict[str, Any]:
    """The options of every kind, by parameter; `--near` where another record gives the position."""
    like = _own(
        "--like",
        metavar="RECORD",
        help=t("take what it can share from this record", "reprendre de cette fiche ce qui peut l'être"),
        autocompletion=ids_of(kind.name),
    )
    carried = any((field := kind.by_path.get((name,))) and field.refs for name in kind.position)
    set_ = _own(
        "--set",
        metavar="PATH=VALUE",
        help=t("any field by its path", "tout champ par son chemin"),
        autocompletion=by_schema("fields_of", kind.name),
    )
    near = {"near": _NEAR} if carried else {}
    shared = {"like": Annotated[str | None, like], "file": _FILE, "assignments": Annotated[list[str], set_]}
    return {"own_id": _ID, **near, **shared, "repeat": _REPEAT}


_ID = Annotated[
    str | None, _own("--id", metavar="ID", help=t("id; one is made otherwise", "identifiant ; sinon il est composé"))
]
_NEAR = Annotated[
    str | None,
    _own(
        "--near",
        metavar="LAT,LON",
        help=t("choose what carries it by distance from there", "choisir ce qui le porte par distance à ce point"),
    ),
]
_FILE = Annotated[
    str | None,
    _own(
        "--from",
        metavar="FILE|-",
        help=t(
            "values from a YAML or JSON file; - is standard input",
            "valeurs d'un fichier YAML ou JSON ; - pour l'entrée standard",
        ),
        autocompletion=files,
    ),
]
_REPEAT = Annotated[bool, _own("--repeat", help=t("ask for the next one afterwards", "demander ensuite le suivant"))]


def _run(session: Session, writing: Writing, asked: Asked) -> int:
    kind, words = asked.kind, asked.words
    if words["repeat"] and not session.interactive:
        raise UsageFault(
            Words("--repeat asks on a terminal, and there is none", "--repeat demande un terminal, et il n'y en a pas")
        )
    values = _values(session, asked)
    near = _near(session, kind, words.get("near"), values)
    values = _answered(session, asked, values, near) if session.interactive else _whole(session, asked, values, near)
    id = cast(str | None, words["own_id"])
    if id is None and session.interactive and "id" not in values and not writing.yes:
        id = ask_id(session, kind, values)
    try:
        code = _add(session, writing, asked, values, id)
    except Cancelled:
        raise
    except SmartregError:
        if session.interactive:
            _again(session, asked, values, id)
        raise
    return _next(session, writing, asked, values) if words["repeat"] else code


def _answered(session: Session, asked: Asked, given: Mapping[str, Json], near: Sequence[Near]) -> dict[str, Json]:
    """The values with the answers. What was answered before something is missing comes back as a command line."""
    values = deepcopy(dict(given))
    try:
        complete(session, asked.kind, values, near)
    except Cancelled:
        raise
    except SmartregError:
        if values != given:
            _again(session, asked, values, None)
        raise
    return values


def _add(session: Session, writing: Writing, asked: Asked, values: Mapping[str, Json], id: str | None) -> int:
    options = writing.options(session, session.today)
    typed = [asked.words[made.name] for made in asked.options if made.field.path[-1] in ("lon", "lat")]
    decimals = decimals_typed(text for text in typed if isinstance(text, str))
    return written(
        session, lambda: add(session.workspace, asked.kind, values, id=id, options=options, decimals=decimals)
    )


def _again(session: Session, asked: Asked, values: Mapping[str, Json], id: str | None) -> None:
    """The answers as a command line, so that nobody has to give them a second time."""
    own = {name: value for name, value in values.items() if asked.preset.get(name) != value}
    line = typed_line(session.command, asked.options, {**own, **({"id": id} if id else {})})
    session.console.hint(Words(f"the same again: {line}", f"la même chose : {line}"))


def _whole(session: Session, asked: Asked, values: dict[str, Json], near: Sequence[Near]) -> dict[str, Json]:
    """Without a terminal nothing can be asked: the values when nothing is missing, else UsageFault that names all."""
    kind = asked.kind
    values = {**values, **_taken(session, kind, near)} if near else values
    lacking = missing(kind, session.workspace.current.schemas, values)
    if lacking:
        line = ["smartreg", *session.command.split(" "), *session.words]
        raise refused(kind, lacking, asked.options, line, session.why_not)
    return values


def _values(session: Session, asked: Asked) -> dict[str, Json]:
    """Later ones win: the record to be like, the file, the preset, the options, `--set`."""
    kind, words = asked.kind, asked.words
    registry = session.workspace.current
    values: dict[str, Json] = {}
    if words["like"]:
        values |= like(kind, registry, record_of(registry, words["like"], kind.name))
    if words["file"]:
        values |= from_file(kind, words["file"])
    values |= asked.preset
    for name, value in given(kind, registry, asked.options, words).items():
        group = isinstance(value, dict) and isinstance(values.get(name), Mapping)
        values[name] = {**values[name], **value} if group else value
    assign(registry, kind, values, words["assignments"])
    return values


def _near(session: Session, kind: Kind, word: str | None, values: Mapping[str, Json]) -> Sequence[Near]:
    if word is None:
        return ()
    field = carrier(kind)
    where = point(word)
    if field.path[0] in values:
        return ()
    found = nearest(session.workspace.current, field.refs, where)
    if not found:
        title = session.workspace.current.schemas.kinds[field.refs[0]].title
        raise UsageFault(
            Words(f"there is no {title.en.lower()} with a position", f"aucune fiche « {title.fr} » n'a de position"),
            Words(f"add one first: smartreg add {field.refs[0]}", f"ajoutez-en d'abord : smartreg add {field.refs[0]}"),
        )
    return found


def _taken(session: Session, kind: Kind, near: Sequence[Near]) -> dict[str, Json]:
    """Without a terminal the nearest is taken when it stands there; else the nearest ones are named."""
    limit = session.workspace.current.config.thresholds.support_distance_m
    name, best = carrier(kind).path[0], near[0]
    if best.metres <= limit:
        id = best.record.rid.id
        session.console.note(
            Words(f"{name} {id}, {best.metres:.0f} m from there", f"{name} {id}, à {best.metres:.0f} m de ce point")
        )
        return {name: id}
    listed = "\n".join(f"  {found.record.rid.id}  {found.metres:.0f} m" for found in near)
    raise UsageFault(
        Words(
            f"nothing within {limit:.0f} m; the nearest are:\n{listed}",
            f"rien à moins de {limit:.0f} m ; au plus près :\n{listed}",
        ),
        Words(f"choose with --{carrier(kind).option}", f"choisissez avec --{carrier(kind).option}"),
    )


def _next(session: Session, writing: Writing, asked: Asked, values: Mapping[str, Json]) -> int:
    """The further ones of a series, each with the questions that are its own; the end of input ends it."""
    while True:
        session = replace(session, asked=None)  # a new one, so that the registry is read as it is now
        try:
            values = next_completed(session, asked.kind, again(session.workspace.current, asked.kind, values))
            _add(session, writing, asked, values, None)
        except Cancelled:
            return 0
