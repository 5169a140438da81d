"""Code that no register of the country has: a wrong check digit, or a municipality outside the territory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from smartreg.core.messages import Message
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.texts import texts_ending
from smartreg.rules.rule import rule
from smartreg.schema import literal
from smartreg.schema.countries import country_named

MOST_TOLD = 100  # wrong codes of one record

_numbers = texts_ending("register_code")
_codes = texts_ending("official_code", "official_codes")


@rule(
    "REF229",
    "error",
    "record",
    Message("code unknown to its register"),
    asks=lambda kind: {*_numbers.fields(kind), *_codes.fields(kind)},
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    country = country_named(context.config.country)
    if country.register_code is None:  # France: REC110 to REC114
        return
    for path, number in _numbers(record, context):
        # What has another form is told of that alone (SCH104).
        if country.register_code.has_form(number) and not country.register_code.is_sound(number):
            yield Fault(
                at(record, *path),
                Message("{path} {number} has a wrong check digit", path=path_text(path), number=literal(number)),
                Message("copy it again from the register ({scheme})", scheme=country.register_code.scheme),
            )
    inside = frozenset(context.config.territory.communes)
    if not inside:
        return
    outside = ((path, code) for path, code in _codes(record, context) if code not in inside)
    for path, code in islice(outside, MOST_TOLD):
        yield Fault(
            at(record, *path),
            Message("{path} {code} is outside the territory", path=path_text(path), code=literal(code)),
            Message("correct the code, or add it to municipalities below [territory] in smartreg.toml"),
        )
