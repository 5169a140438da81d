"""Whether the settings name existing rules: a misspelled code would silently change nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from smartreg.core.errors import UsageFault
from smartreg.core.suggest import did_you_mean
from smartreg.core.values import Location, Mark, Words
from smartreg.schema.settings import FILE, Config
from smartreg.validation.waivers import never


def refuse_unknown_codes(config: Config, rules: Collection[str]) -> None:
    """Raises UsageFault for the first unknown code (or prefix) in `select`, `ignore`, `[severity]` and `[[waiver]]`,
    and for a waiver of what cannot be waived."""
    for place, where, code, prefix in _codes_in(config):
        if code in rules or (prefix and code and any(known.startswith(code) for known in rules)):
            continue
        raise UsageFault(
            Words(f'{FILE}{place}: no rule "{code}"', f"{FILE}{place} : pas de règle « {code} »"),
            did_you_mean(code, rules, Words("smartreg explain --all lists them", "smartreg explain --all les liste")),
            where,
        )
    for waiver in config.waivers:
        if never(waiver.code):
            place = _place(waiver.line)
            raise UsageFault(
                Words(
                    f"{FILE}{place}: {waiver.code} cannot be waived",
                    f"{FILE}{place} : {waiver.code} ne peut pas être accepté",
                ),
                Words(f"smartreg explain {waiver.code} says why", f"smartreg explain {waiver.code} dit pourquoi"),
                Location(FILE, mark=Mark(waiver.line or 1, 1)),
            )


def _codes_in(config: Config) -> Iterator[tuple[str, Location, str, bool]]:
    """The place of a code (in words, and as a location), the code, and whether a prefix is allowed."""
    for name, codes in (("select", config.select), ("ignore", config.ignore)):
        yield from ((f": {name}", Location(FILE, (name,)), code, True) for code in codes)
    yield from ((": [severity]", Location(FILE, ("severity", code)), code, False) for code in config.severity)
    for waiver in config.waivers:
        yield _place(waiver.line), Location(FILE, mark=Mark(waiver.line or 1, 1)), waiver.code, False


def _place(line: int) -> str:
    return f":{line}: waiver" if line else ": waiver"
