"""Whether two texts under one id describe two things. Two branches that add one id for two devices must not become one
record: each field looks like an ordinary conflict, and one device would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message, Text
from smartreg.core.secret import mask
from smartreg.core.values import Data, Json, Location, RecordId
from smartreg.registry.frame import Frame, Indexed
from smartreg.registry.places import record_at
from smartreg.registry.points import distance_m, point
from smartreg.schema import Kind
from smartreg.trees import Tree, WorkingTree
from smartreg.yamlio import parse_conflicts, read

SHARED_ID = "REF230"
SAME_M = 5.0  # two readings of one place by a telephone differ by this much


def identifiers(kind: Kind, indexed: Indexed) -> list[str]:
    """The fields by whose values rules tell records of this kind apart (DevEUI, serial number, SIREN), in the order of
    the schema. `indexed`: the fields that rules look up."""
    fields = {name for owner, name in indexed if owner == kind.name}
    plain = {field.path[0] for field in kind.fields if field.kind == "string" and not field.refs and not field.enum}
    return [name for name in kind.key_order if name in fields & plain]


def label_identifiers(kind: Kind, indexed: Indexed) -> list[str]:
    """The identifiers that stand beside the label of a record: of what stands somewhere, of which many are labelled
    alike."""
    return identifiers(kind, indexed) if any((name,) in kind.by_path for name in kind.position) else []


def label_with_identifier(kind: Kind, indexed: Indexed, data: Data, lang: Language) -> str:
    """The label of a record, with the first of its `label_identifiers`: "sensor · istres · ep-1 · SN-8"."""
    found = next(
        (text for name in label_identifiers(kind, indexed) if isinstance(text := data.get(name), str) and text), ""
    )
    label = kind.label_of(data, lang)
    shown = str(mask(found))
    return label if not shown or shown in label.split(" · ") else f"{label} · {shown}"


def distinguishing_fields(kind: Kind, indexed: Indexed, one: Data | None, other: Data | None) -> tuple[str, ...]:
    """The fields that show two things: identifiers that differ; unless an identifier is the same, also what carries
    them, and positions more than 5 m apart. Empty if both may describe one thing, and if one cannot be read (None)."""
    if one is None or other is None:
        return ()
    shared = [name for name in identifiers(kind, indexed) if one.get(name) and other.get(name)]
    differing = [name for name in shared if one[name] != other[name]]
    if shared and not differing:
        return ()
    return (*differing, *(name for name in kind.position if _is_elsewhere(one.get(name), other.get(name))))


def is_same(fields: Sequence[str], one: Data, other: Data) -> bool:
    """Whether two records have the same values in the fields that told one of them apart."""
    return all(
        name in one and name in other and not _is_elsewhere(one[name], other[name])
        if point(one.get(name)) is not None
        else one.get(name) == other.get(name)
        for name in fields
    )


def _is_elsewhere(one: object, other: object) -> bool:
    """Whether two values of a field that places a record (a position, or the id of what carries it) are two places."""
    here, there = point(one), point(other)
    if here is not None and there is not None:
        return distance_m(here, there) > SAME_M
    return isinstance(one, str) and isinstance(other, str) and one != other


def find_shared_ids(tree: Tree, frame: Frame) -> Iterator[Finding]:
    """REF230: files in conflict that both branches of a merge added, for two things."""
    for file in sorted(tree.added_twice()) if isinstance(tree, WorkingTree) else ():
        rid = record_at(file, frame.schemas) if file in tree.files() else None
        conflict = parse_conflicts(tree.read(file)) if rid is not None else None
        if rid is None or conflict is None:
            continue
        ours, theirs = (read(text, "").data for text in (conflict.ours, conflict.theirs))
        if ours is None or theirs is None:
            continue
        fields = distinguishing_fields(frame.schemas.kinds[rid.kind], frame.indexed, ours, theirs)
        if fields:
            yield Finding(
                SHARED_ID,
                "error",
                Message(
                    "two records under one id: {fields} on our side, {fields_named_values} on theirs",
                    fields=named_values(fields, ours),
                    fields_named_values=named_values(fields, theirs),
                ),
                Location(file),
                keep_both(rid, fields[0]),
            )


def keep_both(rid: RecordId, field: str) -> Text:
    """Advice about two records under one id; `field`: one that tells them apart."""
    return Message(
        "keep both: smartreg rename {rid} NEW-ID; one and the same: smartreg resolve {rid} {field} --ours, or --theirs",
        rid=rid,
        field=field,
    )


def named_values(fields: tuple[str, ...], data: Data) -> str:
    """`dev_eui 70B3D57ED0061234, support istres-ep-00412`; a position as latitude and longitude."""
    return ", ".join(f"{name} {_shown(data[name])}" for name in fields if name in data)


def _shown(value: Json) -> str:
    place = point(value)
    return str(value) if place is None else f"{place[1]}, {place[0]}"
