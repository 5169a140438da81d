"""Number of an act that another act has, or that is out of order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from smartreg.core.findings import Related, Severity
from smartreg.core.messages import Message, Text
from smartreg.core.values import Record, path_text
from smartreg.domain.acts import Act, acts
from smartreg.domain.annexes import next_number
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.corrections import correction_command
from smartreg.rules.rule import rule


@rule("CON328", "error", "record", Message("number of an act"), kinds=("convention",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    numbered = [act for act in acts(record) if "number" in act.data]
    numbered.sort(key=lambda act: (act.signed or date.max, act.place))
    for index, act in enumerate(numbered):
        earlier = numbered[:index]
        same = next((other for other in earlier if _cited(other) == _cited(act)), None)
        higher = next((other for other in earlier if _is_higher(other, act)), None)
        if same is not None:
            message = Message(
                "two acts have the number {number}, signed on {signed} and on {act_signed}",
                number=act.number.strip(),
                signed=same.signed,
                act_signed=act.signed,
            )
            yield _wrong_number(record, act, same, message)
        elif higher is not None:
            message = Message(
                "amendment {number}, signed on {signed}, comes after amendment {higher_number}, signed on "
                "{higher_signed}",
                number=act.number,
                signed=act.signed,
                higher_number=higher.number,
                higher_signed=higher.signed,
            )
            yield _wrong_number(record, act, higher, message, "warning")


def _cited(act: Act) -> str:
    """The number as people cite it: `2`, `02` and `2 ` are one."""
    number = act.number.strip().casefold()
    return number.lstrip("0") or "0" if number.isdecimal() else number


def _is_higher(earlier: Act, later: Act) -> bool:
    """Whether an act that was signed before another has the higher number."""
    ordered = earlier.signed is not None and later.signed is not None and earlier.signed < later.signed
    numbers = [_cited(act) for act in (earlier, later)]
    return ordered and all(map(str.isdecimal, numbers)) and _magnitude(numbers[0]) > _magnitude(numbers[1])


def _magnitude(digits: str) -> tuple[int, str]:
    """Orders whole numbers of any length (`int` refuses very long ones)."""
    return len(digits), digits


def _wrong_number(record: Record, act: Act, other: Act, message: Text, severity: Severity | None = None) -> Fault:
    line = correction_command(record, [f"{path_text(act.path)}.number={next_number(record)}"])
    return Fault(
        at(record, *act.path, "number"),
        message,
        Message("give it the number that stands on the act, or the next one: {line}", line=line),
        (Related(at(record, *other.path), Message("the other act")),),
        severity,
    )
