"""Which errors refuse a write and a change, and which only report what is true and unlawful. `docs/refusals.md` shows
both tables; `tests/validation/test_refusals.py` makes them.

A registry keeps facts. A fact is refused because it is impossible (it contradicts itself, another record or the past)
or unproven (somebody else has to agree, or a document is not the one recorded), never because it is unlawful: the law
is told, as a warning where the fact is recorded, and as an error by `validate` for as long as it lasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text

_NO_TITLE = Message("things hang, connect and flow without a title: what ends it is an act or a removal")
_CLAUSES = Message(
    "what was decided, signed or denounced out of order happened all the same; a court says what it is worth"
)
_DATA = Message("data flow before papers are in order: who is responsible has to see it")
_SAFETY = Message("a device hangs there, too heavy or with too much power: whoever owns the support has to see it")
TOLD: Mapping[str, Text] = {
    **dict.fromkeys(("CON301", "CON302", "CON303", "CON310", "NET401", "NET402", "NET406"), _NO_TITLE),
    **dict.fromkeys(("CON306", "CON308", "CON324", "CON325", "CON327"), _CLAUSES),
    **dict.fromkeys(("DAT501", "DAT502", "DAT503", "DAT504", "DAT508", "DAT509"), _DATA),
    **dict.fromkeys(("GEO706", "GEO707"), _SAFETY),
}
"""The errors that refuse nothing, each with the reason; a registry that names one as "error" in `[severity]` wants it
refused."""
REFUSING: Mapping[str, Text] = {
    "YML": Message("the file cannot be read as one record"),
    "SCH": Message("the record has no such form, or lacks what makes it one"),
    "REC": Message("the value cannot be: a check digit, a code, a form"),
    "REC107": Message("a secret that is recorded is no secret any more"),
    "REF": Message("it contradicts another record, or names none"),
    "CON313": Message("unproven: the document is not there, or not the one recorded"),
    "CON32": Message("what was agreed cannot be read from the acts"),
    "NET": Message("no device or network has that on the air"),
    "DAT": Message("the record lacks what every such flow has to declare"),
    "LIF": Message("its days contradict each other, or the calendar"),
    "GEO": Message("no place on the ground, or none of this registry"),
    "CHG": Message("it rewrites what was recorded or signed, or needs somebody else"),
    "IMP": Message("the row does not say which record it is, or what it changes"),
}
"""All other errors, by code or its first letters (the longest counts), each with the reason why it refuses."""


def reason_to_refuse(code: str) -> Text | None:
    """The reason why an error refuses a write; None for one that only reports."""
    if code in TOLD:
        return None
    return next((REFUSING[code[:n]] for n in range(len(code), 0, -1) if code[:n] in REFUSING), None)


def told(findings: Iterable[Finding], severity: Mapping[str, str]) -> Iterator[Finding]:
    """The findings that a change brings: of what is only told, an error becomes a warning, unless the settings name its
    `severity`."""
    for finding in findings:
        lowered = finding.severity == "error" and finding.code in TOLD and finding.code not in severity
        yield finding._replace(severity="warning") if lowered else finding
