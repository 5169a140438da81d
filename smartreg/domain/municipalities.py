"""Municipalities by their codes: of France from the official codes that come with smartreg, of other countries from the
parties of the registry, which `init --municipalities` creates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from smartreg.core.spelling import fold
from smartreg.core.values import Record
from smartreg.domain.checks import derive
from smartreg.domain.codes import Commune, commune, commune_of
from smartreg.domain.fields import is_municipality, text
from smartreg.domain.kinds import PARTY
from smartreg.schema.settings import Territory


class PartySource(Protocol):
    """A registry, or what an audience may see of it."""

    @property
    def derived(self) -> dict[Callable[[Any], Any], Any]: ...

    def of_kind(self, kind: str) -> Iterable[Record]: ...


def municipality(source: PartySource, code: str) -> Commune | None:
    """The municipality of a code, or of the code of an arrondissement of one."""
    return commune(commune_of(code)) or listed(source).get(code)


def listed(source: PartySource) -> Mapping[str, Commune]:
    """The municipalities of another country than France among the parties, by their codes."""
    return derive(source, of_parties)  # type: ignore[arg-type]


def of_parties(source: PartySource) -> Mapping[str, Commune]:
    """`listed`, as it is derived from a registry; a view derives it from all parties that are visible."""
    return by_code(source.of_kind(PARTY))


def municipalities_called(source: PartySource, name: str) -> tuple[Commune, ...]:
    """Those of another country with this name, ignoring accents, case and hyphens; in either language of two."""
    called = {*map(fold, names_in(name))}
    return tuple(item for item in listed(source).values() if not called.isdisjoint(map(fold, names_in(item.name))))


def names_in(name: str) -> tuple[str, ...]:
    """The name of a municipality as lists write it, and what people call it: "Bolzano/Bozen" in each language, "Köln"
    for "Köln, Stadt"."""
    return (name, *(part.partition(",")[0].strip() for part in name.split("/")))


def of_territory(source: PartySource, about: Territory) -> Iterable[Commune]:
    """The municipalities of the settings that are known, besides those of an EPCI."""
    return (item for code in about.communes if (item := municipality(source, code)) is not None)


def by_code(parties: Iterable[Record]) -> Mapping[str, Commune]:
    """The municipalities among parties, the first of each code."""
    communes: dict[str, Commune] = {}
    for record in parties:
        code = text(record, "official_code")
        if code is not None and is_municipality(record):
            people = record.data.get("population")
            name = text(record, "name") or record.rid.id
            communes.setdefault(code, Commune(code, name, None, (), people if type(people) is int else None, "", None))
    return communes
