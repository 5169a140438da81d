"""`smartreg.toml`: the settings of one registry, in the same tree as its records.

Top level: `id`, `name`, `metropole` (party id), `country`, `language`, `timezone`, `new_ids`, `plugins`. Tables:
`[territory]`, `[programme]`, `[report]`, `[thresholds]`, `[severity]`, `[deliberation_numbers]`, `[ownership]`,
`[audit]`, `[keys]`, `[folders]`, `[columns]`, `[labels]`, `[release]`, `[sources.ALIAS]`, `[observatory]`; `[[waiver]]`
lists. The reader of the file goes by the fields of these classes and their types, which are therefore evaluated here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

FILE = "smartreg.toml"
FOREIGN = "foreign"
"""The folder of what is kept of other registries, in registries that have sources."""


class Territory(NamedTuple):
    """The communes of a registry: members of an EPCI in the official codes, or a list of INSEE codes."""

    epci_siren: str | None = None
    communes: tuple[str, ...] = ()
    boundaries: str | None = None


class Programme(NamedTuple):
    """The programme that the conventions serve; money in euros, taxes included."""

    id: str = ""
    start: date | None = None
    until: date | None = None
    budget_initial_eur_ttc: float | None = None
    budget_total_eur_ttc: float | None = None


class Report(NamedTuple):
    """How the bilan presents itself: its title, and the path of a logo among the annexes (PNG or SVG). `examples`: how
    the ids of records begin that were made up, which the bilan says wherever it counts them."""

    title: str = ""
    logo: str | None = None
    examples: tuple[str, ...] = ()


class Thresholds(NamedTuple):
    """Configurable limits of rules; metres, kilometres, days, months, megabytes (10^6)."""

    support_distance_m: float = 30
    commune_distance_km: float = 20
    expiry_days: int = 90
    stale_months: int = 12
    mutualisation_m: float = 50
    large_file_mb: float = 10


class OwnershipSettings(NamedTuple):
    """Which references to a party make it an owner of the record, and the parties (ids) whose writers may change every
    record. `chosen`: the settings name the fields."""

    fields: tuple[str, ...] = ("owner", "operator", "manager", "producer", "body", "parties[]")
    keepers: tuple[str, ...] = ()
    chosen: bool = False


@dataclass(frozen=True)
class Waiver:
    """An accepted finding, up to and including `until`. `record` is KIND/ID, an id or a path; `line`: its line in the
    settings, 0 if unknown."""

    code: str
    record: str
    until: date
    reason: str
    decided_by: str
    line: int = field(default=0, compare=False)


class Audit(NamedTuple):
    """Requirements on the history. From the day `signed_from` on, commits must be signed, and from `timestamped_from`
    on, seals must have a timestamp; never if None. `timestamp_url`: the authority that gives them. `clock_tolerance`:
    the minutes by which a commit may predate a parent, or lie in the future."""

    signed_from: date | None = None
    clock_tolerance: float = 60
    timestamped_from: date | None = None
    timestamp_url: str = ""


NEW_IDS = ("number", "random")
"""A new id ends in the next number of its series, or in random characters, which two computers that are offline do not
both choose."""


class KeySettings(NamedTuple):
    """Requirements on signatures by security keys and passkeys, from the day `start` on (always if None). `origins`:
    the sites whose pages may ask a passkey for a signature (none: passkeys are refused); `require`: `touch`, which is
    always required, and `verification` (PIN or biometrics)."""

    origins: tuple[str, ...] = ()
    require: tuple[str, ...] = ("touch",)
    start: date | None = None


LABEL_ADDRESS = "https://objects.example.org/{kind}/{id}"
"""An address as `Labels` has it."""


class Labels(NamedTuple):
    """Labels on supports and equipment. `address`: the https address of a record, with `{id}` and perhaps `{kind}` for
    those of the record; without it, no labels are made."""

    address: str | None = None


@dataclass(frozen=True)
class Accept:
    """A release of a source that lost more than `max_loss` and is accepted nevertheless: its number, and why."""

    serial: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Source:
    """Another registry: its `id` (UUID), the address of its releases (a folder or https), and the public keys that sign
    them (`ssh-ed25519 AAAA…`). `revoked_after`: by the fingerprint of a key that was stolen or lost, the last release
    that it signed. `max_loss`: the share of its records that may vanish before a release is refused; `closed`: since
    when its last release is kept as it is, because the registry ended; `map`: for each table that the observatory
    reads, what the source calls its columns, and the table itself (`table`), if otherwise."""

    id: str = ""
    url: str = ""
    keys: tuple[str, ...] = ()
    revoked_after: Mapping[str, int] = field(default_factory=dict)
    max_loss: float = 0.01
    accept: Accept = Accept()
    closed: date | None = None
    map: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Observatory(NamedTuple):
    """The picture of many registries. `whole_releases`: whether the store has all files of the releases of the sources,
    not their records alone; `url`: where its tables are served, for its DCAT catalogue."""

    whole_releases: bool = False
    url: str = ""


@dataclass(frozen=True)
class Release:
    """What `publish` writes into a release. `keys`: the public keys that may sign the next one (none: the key that
    signs this one); `revoked_after`: as in `Source`; `succeeds`, `succeeded_by`: the registries (UUID) whose records
    this one took over, and those that take over its records; `licence`: that of the data; `valid_days`: how long
    readers may take the latest release for the latest."""

    keys: tuple[str, ...] = ()
    revoked_after: Mapping[str, int] = field(default_factory=dict)
    succeeds: tuple[str, ...] = ()
    succeeded_by: tuple[str, ...] = ()
    licence: str = "etalab-2.0"
    valid_days: float = 90


@dataclass(frozen=True)
class Config:
    """All settings, with their defaults. `id`: the UUID of the registry, for ever; `country`: ISO 3166-1, as
    `schema/countries/` has it; `language`: of titles and texts (ISO 639-1), if not that of the country; `new_ids`:
    one of `NEW_IDS`; `folders`: the folder of the records of a kind, from the root of the registry, if not below
    `registry/`; `columns`: sets of columns by the name that `export --columns` takes; `sources`: other registries, by
    the alias with which references name them."""

    name: str = ""
    metropole: str | None = None
    country: str = "FR"
    language: str = ""
    timezone: str = "Europe/Paris"
    new_ids: str = "number"
    plugins: tuple[str, ...] = ()
    territory: Territory = field(default=Territory())
    programme: Programme = field(default=Programme())
    report: Report = field(default=Report())
    third_party_categories: tuple[str, ...] = ("public", "parapublic", "private")
    public_attributes: tuple[str, ...] = ()
    thresholds: Thresholds = field(default=Thresholds())
    severity: Mapping[str, str] = field(default_factory=dict)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    deliberation_numbers: Mapping[str, str] = field(default_factory=dict)
    ownership: OwnershipSettings = field(default=OwnershipSettings())
    waivers: tuple[Waiver, ...] = ()
    audit: Audit = field(default=Audit())
    keys: KeySettings = field(default=KeySettings())
    folders: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)  # no rule goes by them
    labels: Labels = field(default=Labels(), repr=False)
    id: str = field(default="", repr=False)
    release: Release = field(default=Release(), repr=False)
    sources: Mapping[str, Source] = field(default_factory=dict)
    observatory: Observatory = field(default=Observatory(), repr=False)
    digest: str = ""
