"""Amending act that names no annex of the convention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smartreg.core.values import Json, Record, Words, path_text
from smartreg.domain.acts import Act, acts
from smartreg.domain.changes import OPEN, shell_words, slip
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.conventions import KIND
from smartreg.rules.rule import rule


@rule("CON326", "error", "record", Words("annex of an act unknown", "annexe d'un acte inconnue"), kinds=(KIND,))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    annexes = record.data.get("annexes")
    items = annexes if isinstance(annexes, list) else []
    ids = [item.get("id") if isinstance(item, Mapping) else None for item in items]
    for act in acts(record):
        name = act.data.get("annex")
        if isinstance(name, str) and ids.count(name) != 1:
            yield Fault(
                at(record, *act.path, "annex"),
                _message(act.number, name, ids.count(name)),
                _hint(record, act, name, ids),
            )


def _message(number: str, name: str, count: int) -> Words:
    if count == 0:
        return Words(
            f'amendment {number} names annex "{name}", and no annex has this id',
            f"l'avenant {number} cite l'annexe « {name} », et aucune annexe ne porte cet id",
        )
    return Words(
        f'amendment {number} names annex "{name}", and {count} annexes have this id',
        f"l'avenant {number} cite l'annexe « {name} », et {count} annexes portent cet id",
    )


def _hint(record: Record, act: Act, name: str, ids: list[Json]) -> Words:
    line = f"smartreg set {record.rid.id}"
    twins = [place for place, id in enumerate(ids) if id == name]
    if twins:
        word = shell_words([f"annexes[{twins[-1]}].id={OPEN}"])
        return Words(
            f"give one of them another id: {line} {word}", f"donnez un autre id à l'une d'elles : {line} {word}"
        )
    correct = slip(record, f"{path_text(act.path)}.annex")
    if None not in ids:
        return correct
    word = shell_words([f"annexes[{ids.index(None)}].id={name}"])
    return Words(
        f"give the annex this id: {line} {word}; {correct.en}",
        f"donnez cet id à l'annexe : {line} {word} ; {correct.fr}",
    )
