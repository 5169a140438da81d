"""`decisions.yaml` of an observatory, beside its settings: what two records of different registries are to each other.
Nothing is merged by it; figures say the numbers that follow.

    decisions:
      - records: [equipment/amp:noise-1, equipment/mtp:bruit-9]
        decision: same              # or different, or joint: one thing of both
        reason: Both keepers were asked; the pole of amp is to be retired
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, cast

from smartreg.core.errors import UsageFault
from smartreg.core.files import read_regular
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Location, Mark
from smartreg.core.webpage import resource
from smartreg.schema import ABROAD, Judge
from smartreg.schema.keywords import kind_of
from smartreg.schema.source import parse
from smartreg.yamlio import MAX_BYTES, marks, read

FILE: Final = "decisions.yaml"
Verdict = Literal["same", "different", "joint"]
ONE: Final = ("same", "joint")
"""The decisions by which two records count as one thing."""
VERDICTS: Final[Mapping[Verdict, Text]] = {
    "same": Message("the same"),
    "different": Message("different"),
    "joint": Message("kept jointly"),
}


@dataclass(frozen=True)
class Decision:
    """What two records (`equipment/amp:noise-1`, as messages name them) are to each other, and why."""

    records: frozenset[str]
    verdict: Verdict
    reason: str


def read_decisions(root: Path, aliases: Collection[str]) -> tuple[Decision, ...]:
    """The decisions in the folder of an observatory with these sources; none without the file. UsageFault with the
    place if it cannot be read, does not keep to its schema, names another source, or decides twice about two
    records."""
    try:
        text = read_regular(root / FILE, MAX_BYTES + 1)
    except FileNotFoundError:
        return ()
    except OSError as fault:
        raise UsageFault(
            Message("{file} cannot be read: {why}", file=FILE, why=fault.strerror or ""), where=Location(FILE)
        ) from None
    document = read(text, FILE)
    if document.data is None:
        finding = document.faults[0]
        raise _fault(finding.message, finding.hint, finding.where.mark)
    places = marks(text)
    for wrong in _judge().faults(document.data):
        nearest = next(wrong.path[:end] for end in range(len(wrong.path), -1, -1) if wrong.path[:end] in places)
        at = places[nearest]
        raise _fault(wrong.message, wrong.hint, at.key if wrong.on_key and at.key else at.value)
    decisions: dict[frozenset[str], Decision] = {}
    for number, entry in enumerate(document.data["decisions"]):
        for index, name in enumerate(entry["records"]):
            alias = name.partition("/")[2].partition(ABROAD)[0]
            if alias not in aliases:
                hint = did_you_mean(alias, aliases, Message("smartreg source list shows them"))
                mark = places["decisions", number, "records", index].value
                raise _fault(Message('no source "{alias}"', alias=alias), hint, mark)
        decision = Decision(frozenset(entry["records"]), cast(Verdict, entry["decision"]), entry["reason"])
        if decision.records in decisions:
            one, other = sorted(decision.records)
            message = Message("there are two decisions on {one} and {other}", one=one, other=other)
            raise _fault(message, Message("keep one of them"), places["decisions", number, "records"].value)
        decisions[decision.records] = decision
    return tuple(decisions.values())


def _fault(message: Text, hint: Text | None, mark: Mark | None) -> UsageFault:
    place = ":".join((FILE, *map(str, mark or ())))
    return UsageFault(Message("{place}: {what}", place=place, what=message), hint, Location(FILE, mark=mark))


@cache
def _judge() -> Judge:
    name = "decisions"
    schema, french = (resource(__package__ or "", f"{name}{ending}") for ending in (".schema.json", ".fr.json"))
    return Judge(kind_of(name, parse(name, schema.encode()), parse(name, french.encode())))
