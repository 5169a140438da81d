"""Amending act that names no annex of the convention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, Record, path_text
from smartreg.domain.acts import Act, acts
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import OPEN, correction_hint, shell_words
from smartreg.rules.rule import rule


@rule("CON326", "error", "record", Message("annex of an act unknown"), kinds=("convention",))
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


def _message(number: str, name: str, count: int) -> Text:
    if count == 0:
        return Message('amendment {number} names annex "{name}", and no annex has this id', number=number, name=name)
    return Message(
        'amendment {number} names annex "{name}", and {count} annexes have this id',
        number=number,
        name=name,
        count=count,
    )


def _hint(record: Record, act: Act, name: str, ids: list[Json]) -> Text:
    line = f"smartreg set {record.rid.id}"
    twins = [place for place, id in enumerate(ids) if id == name]
    if twins:
        word = shell_words([f"annexes[{twins[-1]}].id={OPEN}"])
        return Message("give one of them another id: {line} {word}", line=line, word=word)
    correct = correction_hint(record, f"{path_text(act.path)}.annex")
    if None not in ids:
        return correct
    word = shell_words([f"annexes[{ids.index(None)}].id={name}"])
    return Message("give the annex this id: {line} {word}; {correct}", line=line, word=word, correct=correct)
