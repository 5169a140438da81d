"""INSEE code that is unknown, or outside the territory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice

from smartreg.core.findings import Fix, Put
from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.codes import Commune, all_rows, commune, commune_of, epci, members
from smartreg.domain.texts import texts_ending
from smartreg.rules.rule import rule
from smartreg.schema import literal
from smartreg.schema.settings import Territory

MOST_SHOWN = 3  # communes that share a postal code
MOST_TOLD = 100  # wrong codes of one record
_MANY_LOOK_UPS = 64

_texts = texts_ending("insee_code", "insee_codes")


@rule("REC113", "error", "record", Message("INSEE code unknown or outside the territory"), law="FR", asks=_texts.fields)
def check(record: Record, context: Context) -> Iterator[Fault]:
    codes = _texts(record, context)
    if not codes or (record.rid.kind == "party" and "ended_on" in record.data):
        return
    territory = context.config.territory
    inside = _communes(territory)
    anywhere = not inside or record.rid.kind == "party"
    suspects = (pair for pair in codes if commune_of(pair[1]) not in inside)
    wrong = (pair for pair in suspects if not (anywhere and _is_known(commune_of(pair[1]))))
    for path, code in islice(wrong, MOST_TOLD):
        official = commune(commune_of(code))
        if official is None:
            yield _unknown_code_fault(record, (path, code), inside)
        else:
            yield _outside(record, (path, code), official, territory)


def _is_known(code: str) -> bool:
    """Whether the official codes have this commune. One look-up is cheaper than reading the table; many are not."""
    if commune.cache_info().misses < _MANY_LOOK_UPS:
        return commune(code) is not None
    return code in _every_code()


@cache
def _every_code() -> frozenset[str]:
    return frozenset(row[1] for row in all_rows("communes"))


@lru_cache(maxsize=8)
def _communes(territory: Territory) -> dict[str, Commune | None]:
    """The communes of the territory by INSEE code; empty when none is configured."""
    listed = {code: commune(code) for code in territory.communes}
    return {**listed, **{each.insee_code: each for each in members(territory.epci_siren or "")}}


def _unknown_code_fault(record: Record, place: tuple[KeyPath, str], inside: dict[str, Commune | None]) -> Fault:
    path, code = place
    delivered = [each for each in inside.values() if each is not None and code in each.postal_codes]
    hint = Message("write the INSEE code, not the postal code; the list is on geo.api.gouv.fr/communes")
    if delivered:
        names = ", ".join(f'"{each.insee_code}" {each.name}' for each in delivered[:MOST_SHOWN])
        hint = Message("{code} is a postal code; the INSEE code is {names}", code=code, names=names)
    only = delivered[0].insee_code if len(delivered) == 1 else None
    return Fault(
        at(record, *path),
        Message("{path} {code} is not a commune of the official codes", path=path_text(path), code=literal(code)),
        hint,
        fix=Fix(Put(path, only), safe=False) if only else None,
    )


def _outside(record: Record, place: tuple[KeyPath, str], official: Commune, territory: Territory) -> Fault:
    path, code = place
    where = epci(territory.epci_siren) if territory.epci_siren else None
    name = f"{where.name}, " if where is not None else ""
    count = len(_communes(territory))
    communes = f"{name}{count} commune{'s' if count > 1 else ''}"
    return Fault(
        at(record, *path),
        Message(
            '{path} "{code}" ({name}) is outside the territory ({communes})',
            path=path_text(path),
            code=code,
            name=official.name,
            communes=communes,
        ),
        Message("correct the code, or add the commune to [territory] in smartreg.toml"),
    )
