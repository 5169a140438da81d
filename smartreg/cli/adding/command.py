"""`add-<noun>`, `add KIND`: a command made from the schema of each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from smartreg.cli.adding.choices import Near, carrier, carriers, nearest, point
from smartreg.cli.adding.interview import Interview
from smartreg.cli.adding.options import Made, made_options
from smartreg.cli.adding.review import ChangeValue, review
from smartreg.cli.adding.values import from_file, given, missing, refused, typed_line
from smartreg.cli.candidates import by_schema, files, ids_of
from smartreg.cli.nouns import root_above
from smartreg.cli.options import Common, option_names, t
from smartreg.cli.session import RunOptions, Session, session_command
from smartreg.cli.usage import HELP
from smartreg.cli.writing import FORMATS, Writing, attempt, found_lines, report_write
from smartreg.commands.add import add, assign, like
from smartreg.commands.workspace import record_of
from smartreg.core.errors import Cancelled, SmartregError, UsageFault
from smartreg.core.values import Json, Words
from smartreg.edit import Outcome, WriteOptions, decimals_typed
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
    set_ = _own(
        "--set",
        metavar="PATH=VALUE",
        help=t("any field by its path", "tout champ par son chemin"),
        autocompletion=by_schema("fields_of", kind.name),
    )
    near = {"near": _NEAR} if carriers(kind) else {}
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
    id = cast(str | None, words["own_id"])
    given = values if id is None else {**values, "id": id}
    if not session.interactive:
        return _add(session, writing.options(session, session.today), asked, _whole(session, asked, given, near))
    fresh = not (words["like"] or words["file"])
    interview = Interview(
        session, kind, given, near, offers_like=bool(carriers(kind)) and fresh, asks_id=not writing.yes
    )
    code = _interview(writing, asked, interview)
    return _next(writing, asked, interview) if words["repeat"] else code


def _interview(writing: Writing, asked: Asked, interview: Interview) -> int:
    """Ask, let the answers be reviewed, write. What is refused comes back to the review, with everything typed."""
    while True:
        session, values = interview.session, _ask_all(asked, interview)
        options = writing.options(session, session.today)
        if options.confirm:
            options = replace(options, confirm=partial(_reviewed, interview, values))
        try:
            return _add(session, options, asked, values, interview.decimals)
        except ChangeValue as change:
            interview.change(change.path)
        except Cancelled:
            raise
        except SmartregError as fault:
            if not interview.asked:
                _again(session, asked, values)
                raise
            session.console.fault(fault)
            _retry(asked, interview, values)


def _reviewed(interview: Interview, values: Mapping[str, Json], outcome: Outcome) -> bool:
    session = interview.session
    session.console.ask(found_lines(session, outcome))
    question = Words("Write this?", "Écrire ?")
    return review(session, interview.kind, values, interview.answered, question)


def _retry(asked: Asked, interview: Interview, values: Mapping[str, Json]) -> None:
    """Ask what to change about a record that was refused. Cancelled, with the answers as a command line, when the user
    gives up."""
    interview.session = session = replace(interview.session, asked=None)  # others may have written meanwhile
    try:
        if not review(session, interview.kind, values, interview.answered, Words("Try again?", "Réessayer ?")):
            raise Cancelled(Words("cancelled; nothing was changed", "annulé ; rien n'a été modifié"))
    except ChangeValue as change:
        interview.change(change.path)
    except Cancelled:
        _again(session, asked, values)
        raise


def _ask_all(asked: Asked, interview: Interview) -> dict[str, Json]:
    """The values with the answers. What was answered before something is missing comes back as a command line."""
    try:
        return interview.values()
    except Cancelled:
        raise
    except SmartregError:
        if interview.asked:
            _again(interview.session, asked, interview.so_far)
        raise


def _add(
    session: Session, options: WriteOptions, asked: Asked, values: Mapping[str, Json], answered_decimals: int = 0
) -> int:
    typed = [asked.words[made.name] for made in asked.options if made.field.path[-1] in ("lon", "lat")]
    decimals = max(answered_decimals, decimals_typed(text for text in typed if isinstance(text, str)))
    with attempt(session):
        outcome = add(session.workspace, asked.kind, values, id=None, options=options, decimals=decimals)
    return report_write(session, outcome)


def _again(session: Session, asked: Asked, values: Mapping[str, Json]) -> None:
    """The answers as a command line, so that nobody has to give them a second time."""
    own = {name: value for name, value in values.items() if asked.preset.get(name) != value}
    line = typed_line(session.command, asked.options, own)
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
    where = point(word, "--near")
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


def _next(writing: Writing, asked: Asked, interview: Interview) -> int:
    """The further ones of a series: what stays is kept, where each is and what is its own is asked; the end of input
    ends it."""
    while True:
        interview = interview.for_next(replace(interview.session, asked=None))  # the registry as it is now
        try:
            _interview(writing, asked, interview)
        except Cancelled:
            return 0
