"""Amending act that changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.core.values import Json, KeyPath, Record, Words
from smartreg.domain.acts import Act, Terms, at_path, key_of, list_at, steps
from smartreg.domain.changes import OPEN, correction_command
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import KIND
from smartreg.domain.fields import text_list
from smartreg.domain.successions import successions
from smartreg.rules.rule import rule


@rule("CON321", "error", "registry", Words("act without effect", "acte sans effet"), kinds=(KIND,))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        yield from _check(record, successions(registry).acts)


def _check(record: Record, succeeded: Sequence[Act]) -> Iterator[Fault]:
    for act, before in steps(record, succeeded):
        yield from _check_added(record, act, before)
        for path, items in act.part("removes").items():
            held = [key_of(path, item) for item in list_at(before, path) or ()]
            for item in items if isinstance(items, list) else ():
                if key_of(path, item) not in held:
                    yield _fault(record, act, (*act.path, "removes", path), path, (item, "has no", "n'a pas"))
        for path, value in act.part("sets").items():
            if at_path(before, path) == value:
                yield _fault(record, act, (*act.path, "sets", path), path, (value, "is already", "est déjà"))
        for place, path in enumerate(act.unset):
            if at_path(before, path) is None:
                where = (*act.path, "unsets", place)
                yield _fault(record, act, where, path, ("", "is not there", "n'existe pas"))


def _check_added(record: Record, act: Act, before: Terms) -> Iterator[Fault]:
    gone = act.part("removes")
    for path, items in act.part("adds").items():
        held = [key_of(path, item) for item in list_at(before, path) or ()]
        back = text_list(gone.get(path))
        for item in items if isinstance(items, list) else ():
            if key_of(path, item) in held and key_of(path, item) not in back:
                where = (*act.path, "adds", path)
                yield _fault(record, act, where, path, (key_of(path, item), "already has", "a déjà"))


def _fault(record: Record, act: Act, where: KeyPath, path: str, what: tuple[Json, str, str]) -> Fault:
    value, en, fr = what
    line = correction_command(record, [f"{path}={OPEN}"])
    return Fault(
        at(record, *where),
        Words(
            f"amendment {act.number}: {path} {en} {value}".rstrip(),
            f"avenant {act.number} : {path} {fr} {value}".rstrip(),
        ),
        Words(
            f"take it out of the act, or put the initial field back to what was first signed: {line.en}",
            f"ôtez-le de l'acte, ou remettez le champ initial à ce qui fut signé d'abord : {line.fr}",
        ),
    )
