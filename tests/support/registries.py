"""Small random registries: every kind, records that name each other, faults of all sorts; and edits of them.

Drawn from one seed, not by Hypothesis' strategies: those draw plain values so often that registry rules hardly meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import TypeAlias

from smartreg.core.values import Data, Json, RecordId
from smartreg.rules import Context, all_rules, indexed_fields
from smartreg.schema import Field, Kind, bundled_files, read_schemas
from smartreg.schema.settings_file import read_config
from smartreg.validation.check import Checker, Selection
from smartreg.yamlio import dump

Texts: TypeAlias = dict[str, bytes]
Writes: TypeAlias = dict[str, bytes | None]

ON = date(2026, 1, 15)
SCHEMAS = read_schemas(bundled_files())
INDEXED = indexed_fields(all_rules().values())
SETTINGS = b'name = "Istres"\nmetropole = "party-1"\n'
SHARED = "a"  # an id that records of every kind may have
RIDS = [RecordId(kind, id) for kind in SCHEMAS.kinds for id in (f"{kind}-1", f"{kind}-2", SHARED)]
RIDS += [RecordId("equipment", f"equipment-{n}") for n in (3, 4, 5)]
ODD = (None, 7, True, "x", ["a", 3], {"a": "b"})  # what a schema does not expect, almost anywhere
VALUES: Mapping[str, tuple[Json, ...]] = {
    "insee_code": ("13047", "13103"),
    "local_ref": ("EP-1",),
    "serial_number": ("S1",),
    "manufacturer": ("Kerlink", "KERLINK", "Milesight"),
    "dev_eui": ("70B3D5499A1B2C3D", "A84041000181C2D3"),
    "siren": ("211300470", "200054807"),
    "category": ("commune", "private"),
    "location": ({"lon": 4.99, "lat": 43.51}, {"lon": 4.9904, "lat": 43.51}, {"lon": 0, "lat": 0}),
    "capacity": ({"max_devices": 1}, {"max_load_kg": 7, "checked_on": "2019-01-10"}),
    "power": ({"source": "mains", "consumption_w": 5}, {"availability": "night_only", "max_w": 8}),
    "weight_kg": (0.9, 6),
    "measures": ([{"property": "noiseLevel"}], [{"property": "temperature"}, {"property": "noiseLevel"}]),
    "scope": ({"supports": ["support-1"]}, {"supports": ["a"], "networks": ["network-1"]}),
    "installed_on": ("2023-12-11", "2024-03-11"),
    "placements": (
        [{"support": "support-1", "from": "2024-03-11", "until": "2024-12-31"}],
        [{"support": "support-2", "from": "2023-01-01", "until": "2024-02-01"}],
    ),
    "placed_on": ("2025-01-01", "2025-05-12"),
    "previous_owners": ([{"owner": "party-2", "until": "2024-06-30"}], [{"owner": "a", "until": "2024-09-30"}]),
    "families": (["installation"], ["data", "installation"], ["connectivity", "data"]),
    "ended_on": ("2024-06-30", "2025-01-01"),
    "successors": (
        [{"party": "party-2", "deliberation": "deliberation-1"}],
        [{"party": "a", "from": "2024-09-30", "deliberation": "a"}, {"party": "party-1", "deliberation": "a"}],
    ),
}
TOLD: Mapping[str, tuple[str, ...]] = {  # what rules look at, besides what is required
    "party": ("siren", "insee_code", "ended_on", "successors"),
    "support": ("local_ref", "manager", "capacity", "power"),
    "network": ("owner", "convention"),
    "equipment": (
        *("support", "network", "replaces", "convention", "operator"),
        *("manufacturer", "serial_number", "dev_eui", "removed_on"),
        *("location", "power", "weight_kg", "measures"),
        "installed_on",
    ),
    "flow": ("network", "use_cases", "convention", "licence", "theme"),
    "convention": ("deliberations", "scope", "effective_from", "effective_until", "third_parties"),
    "deliberation": ("cites", "amends"),
    "use_case": ("started_on",),
}
BROKEN = (b"id: [\n", b"\xff\xfe", b"- a\n", b"a: 1\na: 2\n", b"id: a\r\nowner: a\r\n")


def checker() -> Checker:
    """Every rule, as the settings above have them."""
    return Checker(all_rules(), Context(SCHEMAS, read_config(SETTINGS), ON), Selection())


def _usual(random: Random, kind: Kind, field: Field) -> Json:
    name = field.path[0]
    if field.refs:
        names = [f"{ref}-{n}" for ref in field.refs for n in (1, 1, 2)]
        return random.choice([*names * 6, SHARED, SHARED, "nobody"])
    if name in VALUES:
        return random.choice(VALUES[name])
    if kind.lifecycle and name == kind.lifecycle.field:
        return random.choice([*sorted(kind.lifecycle.in_service) * 2, *sorted(kind.lifecycle.ends), "planned"])
    return random.choice(field.enum or field.schema.get("examples", ("text",)))


def _value(random: Random, kind: Kind, field: Field) -> Json:
    if random.random() < 0.01:
        return random.choice(ODD)
    items = kind.by_path.get((*field.path, "[]"))
    if items is not None and items.refs:
        return list(dict.fromkeys(_usual(random, kind, items) for _ in range(random.randint(1, 2))))
    return _usual(random, kind, field)


def _fields(kind: Kind) -> list[Field]:
    return [field for field in kind.fields if len(field.path) == 1 and field.path != ("id",)]


def _chance(kind: Kind, field: Field) -> float:
    """How often a record has the field."""
    return 0.98 if field.required else 0.6 if field.path[0] in TOLD.get(kind.name, ()) else 0.1


def random_data(random: Random, kind: Kind) -> Data:
    """What a record of the kind says; its references are to `<kind>-1`, `<kind>-2`, or worse."""
    chosen = [field for field in _fields(kind) if random.random() < _chance(kind, field)]
    return {field.path[0]: _value(random, kind, field) for field in chosen}


def _tweak(random: Random, kind: Kind, data: Data) -> Data:
    """One field set to another value, or left out."""
    weights = [_chance(kind, field) for field in _fields(kind)]
    (field,) = random.choices(_fields(kind), weights)
    kept = {name: value for name, value in data.items() if name != field.path[0]}
    return kept if random.random() < 0.2 else {**kept, field.path[0]: _value(random, kind, field)}


def _place(random: Random, rid: RecordId, data: Data) -> tuple[str, bytes]:
    """The path and the text of a record: mostly where it belongs and readable."""
    kind, chance = SCHEMAS.kinds[rid.kind], random.randrange(60)
    folder = f"{data.get('insee_code')}/" if rid.kind == "support" and chance > 1 else ""
    name = f"{'x/' if chance == 4 else ''}{rid.id}{'.yml' if chance == 2 else '.yaml'}"
    text = random.choice(BROKEN) if chance == 3 else dump({"id": "b" if chance == 0 else rid.id, **data})
    return f"registry/{kind.folder}/{folder}{name}", text


def registry_and_edit(seed: int) -> tuple[Texts, Writes]:
    """The files of a registry, and an edit of it: texts added, changed, deleted, moved, several at once."""
    random = Random(seed)
    data = {rid: random_data(random, SCHEMAS.kinds[rid.kind]) for rid in RIDS if random.random() < 0.8}
    placed = {rid: _place(random, rid, values) for rid, values in data.items()}
    texts = {"smartreg.toml": SETTINGS, **dict(placed.values())}
    if random.random() < 0.1:
        texts["registry/equipment/notes.txt"] = b"?"
    writes: Writes = {}
    for rid in random.sample(RIDS, random.randint(1, 3)):
        kind, how = SCHEMAS.kinds[rid.kind], random.choice(("delete", "move", "tweak", "tweak", "tweak", "add"))
        if rid in data and how != "add":
            writes[placed[rid][0]] = None
        if how != "delete":
            new = _tweak(random, kind, data[rid]) if how == "tweak" and rid in data else random_data(random, kind)
            new = data[rid] if how == "move" and rid in data else new
            homes = [other for other in RIDS if other.kind == rid.kind] if how == "move" else [rid]
            writes |= dict((_place(random, random.choice(homes), new),))
    return texts, writes
