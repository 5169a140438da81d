"""What a command takes, declared once: parsing, help and Tab all read these values.

A command is a function whose parameters are annotated: `record: Annotated[str, Argument(…)]`. Their shape follows from
the type: `bool` is a flag, `list[str]` may be repeated, anything else is given once. Every value is text: the command
judges it, in our words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from smartreg.core.values import Words

Shape: TypeAlias = Literal["flag", "one", "many"]


@dataclass(frozen=True)
class Option:
    """An option: its names, help, the word for its value. `choices` are shown and completed; `completes` names what
    Tab offers: "kind", "record", "file", "directory", or "ref:KIND" for the ids of a kind. `labels` are what people
    call the choices."""

    names: tuple[str, ...]
    help: Words
    metavar: str = "TEXT"
    choices: tuple[str, ...] = ()
    completes: str = ""
    labels: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Argument:
    """A word by its position."""

    metavar: str
    help: Words
    required: bool = True
    choices: tuple[str, ...] = ()
    completes: str = ""


OPTIONS = Words("Options", "Options")


@dataclass(frozen=True)
class Parameter:
    """One option or argument under the name by which its value comes back. `group` heads it in the help."""

    name: str
    shape: Shape
    spec: Option | Argument
    group: Words = OPTIONS


@dataclass(frozen=True)
class Command:
    """A command: its function `run(session, **values)` (a writer gets `writing` too), what it takes, the formats
    that it writes, and whether it sees to `--output` itself. `synopsis` and `summary` head its help."""

    run: Callable[..., int]
    parameters: tuple[Parameter, ...] = ()
    writes: bool = False
    formats: tuple[str, ...] = ("text",)
    own_output: bool = False
    synopsis: str = ""
    summary: Words | None = None
    every: tuple[Parameter, ...] = field(init=False)

    def __post_init__(self) -> None:
        own = (*self.parameters, *(WRITER if self.writes else ()))
        taken = {name for item in own if isinstance(item.spec, Option) for name in item.spec.names}
        object.__setattr__(self, "every", (*own, *(left for item in COMMON if (left := _without(item, taken)))))


def command(
    run: Callable[..., int], *, writes: bool = False, formats: tuple[str, ...] = ("text",), own_output: bool = False
) -> Command:
    """The command of a function, its parameters read from the annotations."""
    return Command(run, declared(run), writes, formats, own_output)


def useful(command: Command, item: Parameter) -> bool:
    """Whether an option has something to choose here: `--json` only where there is JSON, `--format` among several."""
    if item.name == "json":
        return "json" in command.formats
    return item.name != "format" or len(command.formats) > 1


def declared(run: Callable[..., int]) -> tuple[Parameter, ...]:
    """The annotated parameters of a function, in order."""
    hints = get_type_hints(run, include_extras=True)
    found = []
    for name, hint in hints.items():
        if get_origin(hint) is Annotated:
            kind, spec = get_args(hint)[:2]
            found.append(Parameter(name, _shape(kind), spec))
    return tuple(found)


def _shape(kind: Any) -> Shape:
    if kind is bool:
        return "flag"
    return "many" if get_origin(kind) is list else "one"


def _without(item: Parameter, taken: set[str]) -> Parameter | None:
    """A common option without the names that the command gives to its own; None when none is left."""
    if not isinstance(item.spec, Option) or not taken.intersection(item.spec.names):
        return item
    names = tuple(name for name in item.spec.names if name not in taken)
    spec = Option(names, item.spec.help, item.spec.metavar, item.spec.choices, item.spec.completes)
    return Parameter(item.name, item.shape, spec, item.group) if names else None


_EVERYWHERE = Words("Common options", "Options communes")
_WRITING = Words("Writing", "Écriture")


def _common(name: str, shape: Shape, names: str, text: Words, **more: Any) -> Parameter:
    return Parameter(name, shape, Option(tuple(names.split()), text, **more), _EVERYWHERE)


COMMON: tuple[Parameter, ...] = (
    _common(
        "directory",
        "one",
        "-C --directory",
        Words("run as if started there", "agir comme depuis ce dossier"),
        metavar="DIR",
        completes="directory",
    ),
    _common(
        "format", "one", "-f --format", Words("output format", "format de sortie"), metavar="FMT", completes="format"
    ),
    _common("json", "flag", "--json", Words("same as --format json", "équivaut à --format json")),
    _common(
        "output",
        "one",
        "-o --output",
        Words(
            "write there instead of stdout; - is stdout", "écrire là au lieu de la sortie standard ; - pour celle-ci"
        ),
        metavar="FILE",
        completes="file",
    ),
    _common(
        "lang",
        "one",
        "--lang",
        Words("language of messages and headings", "langue des messages et des intitulés"),
        metavar="LANG",
        choices=("fr", "en"),
    ),
    _common(
        "color",
        "one",
        "--color",
        Words("when to colour", "quand mettre en couleur"),
        metavar="WHEN",
        choices=("auto", "always", "never"),
    ),
    _common("no_input", "flag", "--no-input", Words("never prompt", "ne rien demander")),
    _common("quiet", "flag", "-q --quiet", Words("results only", "les résultats seulement")),
    _common("verbose", "flag", "-v --verbose", Words("say what was read", "dire ce qui a été lu")),
    _common(
        "debug",
        "flag",
        "--debug",
        Words("tracebacks of internal errors", "trace des erreurs internes"),
    ),
)


def _writer(name: str, shape: Shape, names: str, text: Words, **more: Any) -> Parameter:
    return Parameter(name, shape, Option(tuple(names.split()), text, **more), _WRITING)


WRITER: tuple[Parameter, ...] = (
    _writer("dry_run", "flag", "-n --dry-run", Words("show the change, write nothing", "montrer sans rien écrire")),
    _writer("yes", "flag", "-y --yes", Words("write without asking", "écrire sans demander")),
    _writer("message", "one", "-m --message", Words("subject of the commit", "objet du commit"), metavar="TEXT"),
    _writer("no_commit", "flag", "--no-commit", Words("write the files, no commit", "écrire les fichiers sans commit")),
    _writer(
        "trailer",
        "many",
        "--trailer",
        Words("a further trailer of the commit", "ligne de fin du commit"),
        metavar="KEY=VALUE",
    ),
    _writer(
        "allow",
        "many",
        "--allow",
        Words("let this finding in, with its reason (-m)", "admettre ce constat, avec son motif (-m)"),
        metavar="CODE",
        choices=("REC121",),
    ),
)

At: TypeAlias = Annotated[
    str | None,
    Option(
        ("--at",),
        Words("the registry as it was at a revision or date", "le registre tel qu'à une révision ou une date"),
        "REV|DATE",
    ),
]

Where: TypeAlias = Annotated[
    list[str],
    Option(
        ("--where",),
        Words("only with this value; all must hold", "seulement avec cette valeur ; toutes à la fois"),
        "FIELD=VALUE",
    ),
]

Columns: TypeAlias = Annotated[
    str | None,
    Option(
        ("--columns",), Words("these fields only, with commas", "seulement ces champs, avec des virgules"), "FIELDS"
    ),
]

Limit: TypeAlias = Annotated[
    str | None, Option(("--limit",), Words("so many at most; 0 for all", "au plus tant ; 0 pour tout"), "NUMBER")
]

Reason: TypeAlias = Annotated[
    str | None, Option(("--reason",), Words("why, for the history", "pourquoi, pour l'historique"))
]

RecordWord: TypeAlias = Annotated[
    str,
    Argument("RECORD", Words("kind/id, an id, or a path", "type/id, un id ou un chemin"), completes="record"),
]

KindWord: TypeAlias = Annotated[
    str | None,
    Argument("KIND", Words("a kind, by any of its names", "un type, par l'un de ses noms"), False, completes="kind"),
]

Values: TypeAlias = Mapping[str, Any]  # parameter name → bool, str | None or list[str]
