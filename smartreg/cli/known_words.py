"""What Tab offers by the schemas and the rules: fields of a record with their values, codes of rules."""

from __future__ import annotations

from pathlib import Path

import typer

from smartreg.cli.candidates import Candidates, ids
from smartreg.cli.nouns import root_above
from smartreg.core.values import Language
from smartreg.rules import all_rules
from smartreg.schema import Kind, bundled_files, read_schemas
from smartreg.trees import schema_texts


def rule_codes() -> Candidates:
    """The codes of all rules."""
    return [(code, "") for code in all_rules()]


def fields(ctx: typer.Context, incomplete: str) -> Candidates:
    """`field=` for the fields of the record that the command names; after `=` the values of an enumeration."""
    found = _kind_of_record(ctx)
    if found is None:
        return []
    lang: Language = ctx.obj.lang
    plain = [item for item in found.fields if not item.in_list and item.kind != "object" and item.path != ("id",)]
    name, equals, _value = incomplete.partition("=")
    if not equals:
        return [(f"{item.name}=", item.title.in_(lang)) for item in plain]
    field = next((item for item in plain if item.name == name), None)
    if field is None:
        return []
    labels = {value: field.labels[value].in_(lang) if value in field.labels else "" for value in map(str, field.enum)}
    return [(f"{name}={value}", "" if label == value else label) for value, label in labels.items()]


def _kind_of_record(ctx: typer.Context) -> Kind | None:
    """The kind of the record that the first argument names; None where there is none, or several."""
    root = root_above(ctx.obj.folder)
    word = next(
        (str(ctx.params[str(item.name)]) for item in ctx.command.params if item.param_type_name == "argument"), ""
    )
    if root is None:
        return None
    schemas = read_schemas(schema_texts(Path(root)) or bundled_files())
    head, slash, _id = word.partition("/")
    if slash:
        return schemas.kinds[schemas.names[head]] if head in schemas.names else None
    holders = [kind for kind in schemas.kinds.values() if word in ids(root, kind.place, word)]
    return holders[0] if len(holders) == 1 else None
