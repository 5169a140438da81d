"""EUI not assigned to a manufacturer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from smartreg.core.messages import Message, Text
from smartreg.core.spelling import fold
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.devices import EUIS
from smartreg.rules.rec115_empty_eui import BLANKS
from smartreg.rules.rule import rule

_EUI = re.compile(r"[0-9A-F]{16}")
_GROUP, _LOCAL = 0x01, 0x02

# By first word of the name; the shared 70B3D5 identifies nobody and is left out.
_OUIS = {
    "bosch": ("FCD6BD",),
    "comtac": ("70B3D5BF6", "70B3D5F3F", "BC97401"),
    "decentlab": ("70B3D57BA",),
    "mcci": ("0002CC",),
}


@rule("REC116", "warning", "record", Message("EUI not assigned to a manufacturer"), asks=EUIS.fields)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, eui in EUIS(record, context):
        if not _EUI.fullmatch(eui) or eui in BLANKS:
            continue
        name = path_text(path)
        message = _unassigned(name, eui)
        if message is None and path == ("dev_eui",):
            message = _other_maker(name, eui, record.data.get("manufacturer"))
        if message is not None:
            yield Fault(at(record, *path), message, Message("read the label again"))


def _unassigned(name: str, eui: str) -> Text | None:
    """The reason why no manufacturer has this EUI, by its form; `name`: the field."""
    first = int(eui[:2], 16)
    if eui.startswith("00000000"):
        return Message('{name} "{eui}" starts with 00000000: not an IEEE-assigned value', name=name, eui=eui)
    if first & _GROUP:
        return Message('{name} "{eui}" is a group address: no single device has it', name=name, eui=eui)
    if first & _LOCAL:
        return Message('{name} "{eui}" is locally administered: not an IEEE-assigned value', name=name, eui=eui)
    return None


@lru_cache(maxsize=256)
def _ouis_of(manufacturer: str) -> tuple[str, ...]:
    return _OUIS.get(fold(manufacturer).partition("-")[0], ())


def _other_maker(name: str, eui: str, manufacturer: object) -> Text | None:
    ouis = _ouis_of(manufacturer) if isinstance(manufacturer, str) else ()
    if not ouis or eui.startswith(ouis):
        return None
    listed = ", ".join(ouis)
    return Message(
        '{name} "{eui}" is not a number of {manufacturer}, which has {listed}',
        name=name,
        eui=eui,
        manufacturer=manufacturer,
        listed=listed,
    )
