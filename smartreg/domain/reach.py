"""Checks that run again after a change: each rule on the changed records, those that they name, those that name them,
and those with the same value in an indexed field. A rule for which this is not enough, or too much, gives its own reach
(`Rule.touches`). Records on which no check reads any of the fields that differ are left out, the changed ones, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from functools import wraps

from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Snapshot, Touches, derive
from smartreg.schema import Kind

_TERMS = (
    *("annulment", "consideration", "effective_from", "effective_until", "families", "notice_days", "reciprocal"),
    *("removal_days", "renewal", "signed_on", "terminated_on", "termination"),
)
"""Fields of a convention that rules read, whatever they check."""
READ_BY_OTHERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "party": {
        "party": ("category", "ended_on", "insee_code", "official_code", "register_code", "siren", "writers"),
        "convention": ("category", "nonprofit"),
        "support": ("category", "insee_code", "official_code"),
        "flow": ("category", "data_charter", "dpo_email"),
    },
    "deliberation": {
        "deliberation": ("number",),
        "convention": ("annulment", "date", "number", "published_on", "transmitted_on"),
    },
    "convention": dict.fromkeys(("convention", "support", "equipment", "network", "flow"), _TERMS),
    "support": {
        "convention": ("insee_code", "official_code"),
        "support": ("local_ref", "location", "type"),
        "equipment": ("capacity", "convention", "insee_code", "location", "official_code", "power"),
    },
    "equipment": {
        "party": ("cost_eur",),
        "convention": ("installed_before", "installed_on", "location", "placed_on", "removed_on"),
        "support": (
            "decommissioned_on",
            "installed_before",
            "installed_on",
            "location",
            "placed_on",
            "power",
            "removed_on",
            "weight_kg",
        ),
        "equipment": (
            "dev_eui",
            "gateway_eui",
            "height_m",
            "imei",
            "location",
            "mac_address",
            "manufacturer",
            "measures",
            "model",
            "serial_number",
            "type",
        ),
        "flow": ("captures", "type"),
    },
    "network": {
        "equipment": ("access", "coverage_insee_codes", "coverage_official_codes", "technology"),
        "flow": ("technology",),
    },
    "flow": {},
    "use_case": {"convention": ("assessments",)},
}
"""By kind of a record and kind of another one: the top-level fields of the record that rules read while they check the
other one, besides references and the state, which the schema names. `tests/validation/test_reach.py` records what they
read."""
UNREAD: Mapping[str, frozenset[str]] = {
    "party": frozenset({"confirmed_on", "contact_email", "dpo_email", "nonprofit", "notes", "siret", "website"}),
    "deliberation": frozenset(
        {"annulment", "confirmed_on", "matter", "notes", "published_on", "transmitted_on", "url"}
    ),
    "convention": frozenset({"confirmed_on", "notes"}),
    "support": frozenset(
        {"attributes", "condition", "confirmed_on", "height_m", "material", "notes", "restrictions", "visibility"}
    ),
    "equipment": frozenset(
        {"attributes", "confirmed_on", "cost_eur", "documentation", "join_eui", "lorawan_class", "notes", "visibility"}
    ),
    "network": frozenset({"confirmed_on", "coverage_insee_codes", "lorawan", "notes", "technology"}),
    "flow": frozenset({"access_url", "confirmed_on", "format", "notes", "protocol", "quality", "theme"}),
    "use_case": frozenset({"confirmed_on", "department", "domain", "notes", "objective"}),
}
"""By kind: the top-level fields that no rule of registry scope reads in the record that it checks, but for those that
advise, which may read all of it. The same test records them."""


def find_readers(kind: Kind, fields: Set[str]) -> Set[str] | None:
    """The kinds of the records on which a rule of smartreg reads one of these top-level fields of another record; None
    for any kind."""
    by_reader = READ_BY_OTHERS.get(kind.name)
    states = (kind.lifecycle.field,) if kind.lifecycle else ()
    if by_reader is None or not fields.isdisjoint((*states, *(field.path[0] for field in kind.references))):
        return None
    return {reader for reader, read in by_reader.items() if not fields.isdisjoint(read)}


def is_read(kind: Kind, fields: Set[str]) -> bool:
    """Whether a registry rule of smartreg that does not advise may read one of these top-level fields in the record
    that it checks: also one with a role in the schema, or that only the schema of this registry has."""
    return not fields <= UNREAD.get(kind.name, frozenset()) or not fields.isdisjoint(kind.roles)


def shared(reach: Touches) -> Touches:
    """The same reach, computed once for each record of a registry, because several rules have it."""

    def make_table(_registry: Snapshot) -> dict[str, tuple[RecordId, ...]]:
        return {}

    @wraps(reach)
    def find(registry: Snapshot, record: Record) -> tuple[RecordId, ...]:
        reached = derive(registry, make_table)
        if record.file not in reached:
            reached[record.file] = tuple(dict.fromkeys(reach(registry, record)))
        return reached[record.file]

    return find


@shared
def linked(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The record, those that it names, those that name it or its id."""
    yield record.rid
    for link in registry.links_from(record.rid):
        yield from (RecordId(kind, link.target) for kind in link.kinds)
    for link in registry.links_to_id(record.rid.id):
        yield link.source


def nothing(_registry: Snapshot, _record: Record) -> tuple[RecordId, ...]:
    """For rules that look at nothing but the record."""
    return ()


def everything(registry: Snapshot, _record: Record) -> Iterator[RecordId]:
    """For rules whose findings any record may change."""
    for kind in registry.schemas.kinds:
        yield from (record.rid for record in registry.of_kind(kind))
