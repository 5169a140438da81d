"""Kinds and fields read from bundled schemas. The eight `x-` keywords are read here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smartreg.core.messages import Localized, Text
from smartreg.core.values import Json
from smartreg.schema.bundle import Schema, flat
from smartreg.schema.kinds import ITEM, RECORDS, Field, FieldPath, Kind, Lifecycle


def kind_of(name: str, root: Schema, overlay: Mapping[str, Any]) -> Kind:
    """Read one bundled schema. A schema without `x-kind` is a kind named after its file, in the folder of that name."""
    about: Mapping[str, Any] = root.get("x-kind", {})
    title = str(root.get("title", name))
    folder = about.get("folder", name)
    several = str(folder).replace("-", " ").replace("_", " ").capitalize()
    life = root.get("x-lifecycle")
    fields = tuple(_fields(root, root, (), overlay.get("properties", {})))
    own = {field.path[0] for field in fields}
    label = about.get("label") or [name for name in ("name", "title") if name in own][:1]
    return Kind(
        name=about.get("name", name),
        noun=about.get("noun", about.get("name", name)),
        french_noun=overlay.get("noun", title),
        presets=about.get("presets", {}),
        folder=folder,
        place=f"{RECORDS}/{folder}",
        template=about.get("path", "{id}.yaml"),
        label=tuple(name for name in label if name in own),
        position=tuple(about.get("position", ("location",))),
        order=about.get("order", 1000),
        title=Localized.of(en=title, fr=overlay.get("title", title)),
        plural=Localized.of(en=several, fr=overlay.get("plural", several)),
        description=Localized.of(
            en=root.get("description", ""), fr=overlay.get("description", root.get("description", ""))
        ),
        fields=fields,
        lifecycle=None if life is None else _lifecycle(life),
        schema=root,
    )


def _lifecycle(life: Mapping[str, Any]) -> Lifecycle:
    return Lifecycle(
        field=life["field"],
        transitions={state: tuple(after) for state, after in life["transitions"].items()},
        in_service=frozenset(life.get("in_service", ())),
        ends=frozenset(life.get("ends", ())),
        dates=life.get("dates", {}),
    )


def _fields(root: Schema, schema: Schema, path: FieldPath, overlay: Mapping[str, Any]) -> Iterator[Field]:
    required = set(schema.get("required", ()))
    for name, raw in schema.get("properties", {}).items():
        yield from _field(root, raw, ((*path, name), name in required), overlay)


def _field(root: Schema, raw: Any, place: tuple[FieldPath, bool], overlay: Mapping[str, Any]) -> Iterator[Field]:
    path, required = place
    node = flat(root, raw)
    about = _overlay_at(overlay, path)
    title = str(node.get("title", path[-1].replace("_", " ")))
    text = str(node.get("description", ""))
    refs = node.get("x-ref", ())
    option, short = _option(node.get("x-option"), path)
    column, heading = _column(node.get("x-column"), path)
    yield Field(
        path=path,
        kind=_type(node),
        title=Localized.of(en=title, fr=about.get("title", title)),
        description=Localized.of(en=text, fr=about.get("description", text)),
        required=required,
        enum=tuple(node.get("enum", ())),
        refs=(refs,) if isinstance(refs, str) else tuple(refs),
        labels=_labels(node, about.get("values", {})),
        option=option,
        short=short,
        column=column,
        heading=heading,
        unit=node.get("x-unit"),
        maps=node.get("x-map", {}),
        schema=node,
    )
    if "properties" in node:
        yield from _fields(root, node, path, overlay)
    if isinstance(node.get("items"), dict):
        # An item without a name of its own is called like its list.
        titles = {key: node[key] for key in ("title", "description") if key in node}
        yield from _field(root, titles | node["items"], ((*path, ITEM), False), overlay)


def _labels(node: Schema, french: Mapping[str, str]) -> Mapping[Json, Text]:
    """The labels of the allowed values of a field, or of the items of a list: in English by `x-labels`, else the
    value itself; in French by the overlay, else as in English."""
    items = node.get("items")
    english = node.get("x-labels") or (items.get("x-labels", {}) if isinstance(items, dict) else {})
    return {
        value: Localized.of(en=(word := english.get(value, value)), fr=french.get(value, word))
        for value in {**french, **english}
    }


def _overlay_at(overlay: Mapping[str, Any], path: FieldPath) -> Mapping[str, Any]:
    """The overlay's entry for a field; for an item, that of the list."""
    own: Mapping[str, Any] = overlay.get(".".join(path).replace(f".{ITEM}", ITEM), {})
    return own if own or path[-1] != ITEM else _overlay_at(overlay, path[:-1])


def _type(node: Schema) -> str:
    declared = node.get("type")
    if isinstance(declared, list):
        declared = next((word for word in declared if word != "null"), "string")
    if isinstance(declared, str):
        return declared
    if "properties" in node:
        return "object"
    return "array" if "items" in node else "string"


def _option(word: Any, path: FieldPath) -> tuple[str | None, str | None]:
    long = "-".join(part for part in path if part != ITEM).replace("_", "-")
    if word is False or ITEM in path:
        return None, None
    if isinstance(word, str):
        return (long, word) if len(word) == 1 else (word, None)
    return long, None


def _column(word: Any, path: FieldPath) -> tuple[str | None, Text | None]:
    default = "_".join(part for part in path if part != ITEM)
    if word is False:
        return None, None
    about = word if isinstance(word, dict) else {}
    name = str(about.get("name", default))
    return name, Localized.of(en=name, fr=str(about.get("fr", name)))
