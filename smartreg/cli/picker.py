"""Pick the records that a command needs and was not given; without a terminal, name them as missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from smartreg.cli.adding.choices import Near, Point, nearest, point_pasted
from smartreg.cli.answers import name_missing_options
from smartreg.cli.ask import KEYS, NUMBERED, Back, Choice, Choices, Places, Prompt, choose, choose_several
from smartreg.cli.session import Session
from smartreg.commands.add import unique_fields
from smartreg.core.errors import UsageFault
from smartreg.core.styled import Span, line
from smartreg.core.values import Json, RecordId, Words
from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.tables import tables_of

RECORD, RECORDS = Words("Record", "Fiche"), Words("Records", "Fiches")
FIND = Words(
    "A record is found by words of its id, of an identifier (DevEUI, serial number) or of its label, in any order; "
    "accents and case do not matter.\nExample: sensor school",
    "Une fiche se trouve par des mots de son id, d'un identifiant (DevEUI, numéro de série) ou de son libellé, dans "
    "n'importe quel ordre, sans souci d'accents ni de casse.\nExemple : capteur école",
)
REQUIRED = Words("choose a record", "choisissez une fiche")


def pick_record(
    session: Session,
    rids: Sequence[RecordId],
    question: Words = RECORD,
    near: Sequence[Near] = (),
    *,
    back: bool = False,
) -> str:
    """One of these records, the nearest first where a place is known. Back for `<`."""
    choices = _choices(session, rids, near)
    prompt = _prompt(session, question, back=back)
    while (found := choose(session.console, prompt, choices)) is None:
        session.console.fault(UsageFault(REQUIRED))
    return found


def choose_record(session: Session, given: str | None) -> str:
    """The record that was given, else one that is picked."""
    if given is None:
        refuse_missing(session, "RECORD")
    return session.from_root(given) if given is not None else pick_record(session, all_records(session))


def pick_records(session: Session, rids: Sequence[RecordId]) -> list[str]:
    """One or several of these records."""
    choices = _choices(session, rids, ())
    while not (found := choose_several(session.console, _prompt(session, RECORDS), choices)):
        session.console.fault(UsageFault(REQUIRED))
    return found


def refuse_missing(session: Session, *placeholders: str) -> None:
    """UsageFault that names the arguments that were not given, with a command line to fill in, where nobody is there to
    pick them."""
    if not session.interactive:
        typed = ["smartreg", *session.command.split(" "), *session.words]
        missing = [("", word) for word in placeholders]
        raise name_missing_options(missing, typed, session.why_not, writes=session.writes)


def repeat_on_back(work: Callable[[], int]) -> int:
    """Do the `work`; ask its questions again if the user goes back from the last one."""
    while True:
        try:
            return work()
        except Back:
            continue


def all_records(session: Session) -> list[RecordId]:
    """Every record, kind by kind."""
    registry = session.workspace.current
    return [RecordId(kind, id) for kind in registry.schemas.kinds for id in registry.ids(kind)]


def read_fields(registry: Registry, kind: Kind, names: Sequence[str]) -> dict[RecordId, dict[str, Json]]:
    """These fields, where they are single values, of every record of a kind that can be read: from its table, for
    reading ten thousand records takes seconds."""
    tables = tables_of(registry)
    tables.need((kind.name,))
    stored = tables.layout.stored[kind.name]
    columns = {name: stored[(name,)] for name in names if (name,) in stored}
    rows = tables.values(kind.name, [stored[()], *columns.values()])
    return {RecordId(kind.name, str(id)): dict(zip(columns, values, strict=True)) for _file, (id, *values) in rows}


def record_choices(session: Session, rids: Sequence[RecordId], *, by_kind: bool = True) -> list[Choice]:
    """These records with their labels and identifiers; by `kind/id`, or by id alone."""
    registry = session.workspace.current
    texts: dict[RecordId, tuple[str, str]] = {}
    for kind in (registry.schemas.kinds[name] for name in dict.fromkeys(rid.kind for rid in rids)):
        names = unique_fields(registry, kind)
        for rid, data in read_fields(registry, kind, list(dict.fromkeys((*kind.label, *names)))).items():
            values = (data.get(name) for name in names)
            texts[rid] = kind.label_of(data, session.lang), " ".join(str(value) for value in values if value)
    return [Choice(str(rid) if by_kind else rid.id, *texts.get(rid, ("", ""))) for rid in rids]


def name_of(session: Session, rid: RecordId) -> str:
    """The label of a record; empty if it has none."""
    registry = session.workspace.current
    record = registry.get(rid)
    return "" if record is None else registry.schemas.kinds[rid.kind].label_of(record.data, session.lang)


def nearest_first(choices: Sequence[Choice], near: Sequence[Near]) -> list[Choice]:
    """The choices, the nearest first, each with its distance."""
    by_value = {choice.value: choice for choice in choices}
    first = {}
    for found in near:
        for value in (found.record.rid.id, str(found.record.rid)):
            if value in by_value:
                label = " · ".join(filter(None, (f"{found.metres:.0f} m", by_value[value].label)))
                first[value] = by_value[value]._replace(label=label)
    return [*first.values(), *(choice for choice in choices if choice.value not in first)]


def placed_choices(
    session: Session,
    rids: Sequence[RecordId],
    near: Sequence[Near],
    *,
    by_kind: bool = True,
    more: Sequence[Choice] = (),
) -> Choices:
    """A choice of these records, the nearest first, and of `more`; where they may have a position, one that is typed
    sorts them anew."""
    registry, found = session.workspace.current, [*record_choices(session, rids, by_kind=by_kind), *more]
    chosen = set(rids)
    kinds = [registry.schemas.kinds[name] for name in dict.fromkeys(rid.kind for rid in rids)]
    placed = tuple(kind.name for kind in kinds if any((name,) in kind.by_path for name in kind.position))

    def sort(where: Point) -> tuple[Sequence[Choice], int]:
        nearby = [each for each in nearest(registry, placed, where) if each.record.rid in chosen]
        return nearest_first(found, nearby), len(nearby)

    places = Places(point_pasted, sort) if placed else None
    return Choices(nearest_first(found, near), min(len(near), NUMBERED), places)


def _choices(session: Session, rids: Sequence[RecordId], near: Sequence[Near]) -> Choices:
    found = placed_choices(session, rids, near)
    if not found.items:
        raise UsageFault(Words("there is no record to choose", "il n'y a aucune fiche à choisir"))
    return found


def _prompt(session: Session, question: Words, *, back: bool = False) -> Prompt:
    if not back:
        session.console.ask([line(Span(KEYS.in_(session.lang), "dim"))])
    return Prompt(question.in_(session.lang), FIND.in_(session.lang), back)
