"""Check a record against its schema: the gate decides, and jsonschema explains what the gate refuses.

Both engines use the gate's linear regular expressions, formats and comparisons, so that a pattern has one meaning. If
they disagree, that is a fault too (SCH109), never a silent pass. Also automatic fixes for schema faults: safe, or (not
`safe`) the most likely ones.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import chain
from typing import Any, NamedTuple

from smartreg.core.findings import Drop, Fix, Put, Rename
from smartreg.core.messages import Text
from smartreg.core.spelling import all_close, day_in, fold
from smartreg.core.values import Data, Json, KeyPath
from smartreg.schema.bundle import Schema
from smartreg.schema.gate import compiled, gate, gate_of_keyword
from smartreg.schema.kinds import ITEM, Kind, key_meant, values_called
from smartreg.schema.wording import CodedMessage, describe_fault, respelt, rewrite_hint

_SEPARATORS = re.compile(r"[\s:.-]")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:([.,])[0-9]{1,8})?")
_TRUTH = {"true": True, "false": False}


def fix_of(word: str, kind: Kind, path: KeyPath, value: Json, wanted: Json) -> Fix | None:
    """The automatic fix of a fault of the keyword `word`, which requires `wanted`."""
    if word == "enum":
        return _choice(kind, path, value, [item for item in wanted if isinstance(item, str)])
    if word == "type":
        return _of_type(path, value, wanted)
    if word == "format":
        return _day(path, value) if wanted == "date" else None
    return _twice(path, value) if word == "uniqueItems" else None


def respelt_fix(path: KeyPath, value: Json, accepts: Callable[[Json], bool]) -> Fix | None:
    """The value in the form that `accepts` requires: safe if only case and separators change."""
    way = respelt(value, accepts)
    if way is None or path == ("id",):  # the file is named after the id: one cannot change without the other
        return None
    compact, meant = (_SEPARATORS.sub("", text).casefold() for text in (str(value), way))
    return Fix(Put(path, way), safe=compact == meant)


def _choice(kind: Kind, path: KeyPath, value: Json, choices: list[str]) -> Fix | None:
    if not isinstance(value, str) or len(value) > 200:
        return None
    alike = [item for item in choices if fold(item) == fold(value)]
    if len(alike) == 1:
        return Fix(Put(path, alike[0]))
    field = kind.field_at(path)
    called = [str(item) for item in values_called(field, value)] if field else []
    return _only([item for item in called if item in choices] or all_close(value, choices), path)


def _only(choices: Iterable[str], path: KeyPath) -> Fix | None:
    values = list(choices)
    return Fix(Put(path, values[0]), safe=False) if len(values) == 1 else None


def key_fix(path: KeyPath, names: Sequence[str]) -> Fix | None:
    """Another name, among those not taken, for the unknown key at the end of `path`."""
    name = str(path[-1])
    alike = [other for other in names if _plain(other) == _plain(name)]
    if len(alike) == 1:
        return Fix(Rename(path, alike[0]))
    near = all_close(name, names) if len(name) <= 200 else ()
    return Fix(Rename(path, near[0]), safe=False) if len(near) == 1 else None


def _plain(name: str) -> str:
    return fold(name).replace("-", "")


def _of_type(path: KeyPath, value: Json, wanted: Json) -> Fix | None:
    """A number or boolean in quotes; with a decimal comma, it may have meant another number."""
    if not isinstance(value, str):
        return None
    if wanted == "boolean" and value in _TRUTH:
        return Fix(Put(path, _TRUTH[value]))
    text = value.strip()
    if wanted == "integer" and _WHOLE.fullmatch(text):
        return Fix(Put(path, int(text)))
    match = _DECIMAL.fullmatch(text) if wanted == "number" else None
    return Fix(Put(path, json.loads(text.replace(",", "."))), safe=match[1] != ",") if match else None


def _day(path: KeyPath, value: Json) -> Fix | None:
    """The day that a text means: safe if the year comes first, or if the day is above 12."""
    day = day_in(value)
    if day is None:
        return None
    first, found = re.match(r"\s*([0-9]+)", value), date.fromisoformat(day)
    return Fix(Put(path, day), safe=first is not None and (len(first[1]) >= 4 or found.day > 12))


def _twice(path: KeyPath, value: Json) -> Fix | None:
    """All but the first of equal texts in a list."""
    texts = [json.dumps(item, sort_keys=True, default=str) for item in value]
    first = {text: index for index, text in reversed(list(enumerate(texts)))}
    again = tuple(index for index, text in enumerate(texts) if first[text] < index)
    return Fix(Drop(path, again)) if again else None


MISSING, FORM, LIMIT = "SCH101", "SCH104", "SCH106"
# The form before the length: a text of the wrong form is usually too short or long as well.
_ON_VALUES = (
    *("pattern", "format", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)
_ROOT = "urn:smartreg:root"  # the name of a schema inside another that refers to a part of it
_FORMAT_CHECKERS = (
    *("fqdn", "idna", "isoduration", "jsonpointer", "rfc3339_validator", "rfc3986_validator", "rfc3987"),
    *("rfc3987_syntax", "uri_template", "webcolors"),
)


class SchemaFault(NamedTuple):
    """A fault that a schema finds in a record: its SCH code, where, why (`keyword` and `wanted`, from the schema), and
    its automatic fix."""

    code: str
    path: KeyPath
    keyword: str
    value: Json
    wanted: Json
    message: Text
    hint: Text | None = None
    on_key: bool = False
    fix: Fix | None = None


@dataclass(frozen=True)
class Judge:
    """Checks records of one kind against its schema."""

    kind: Kind

    @cached_property
    def _validator(self) -> Any:
        return compiled(self.kind.name, self.kind.schema)

    @cached_property
    def accepts(self) -> Callable[[Any], bool]:
        """Whether the schema allows the record; takes about 5 µs."""
        accepts: Callable[[Any], bool] = self._validator.is_valid
        return accepts

    def faults(self, data: Data) -> tuple[SchemaFault, ...]:
        """Everything that the schema refuses in `data`, explained; empty when the record is valid."""
        if self.accepts(data):
            return ()
        missing = [name for name in self.kind.schema.get("required", ()) if name not in data]
        if missing and self._accepts_but_for_missing(data):
            return tuple(self._missing_fault((), name, data) for name in missing)
        return self._explain(data)

    @cached_property
    def _accepts_but_for_missing(self) -> Callable[[Any], bool]:
        """The gate without its list of required fields: it tells, without the explainer, that nothing else is wrong."""
        return gate(self.kind.name, {**self.kind.schema, "required": []})

    def _explain(self, data: Data) -> tuple[SchemaFault, ...]:
        explained = {(item.code, item.path): item for item in self._explain_each(data)}
        renamed = {
            (*item.path[:-1], item.fix.step.name)
            for item in explained.values()
            if item.fix is not None and isinstance(item.fix.step, Rename)
        }
        if explained:  # one fault, not two: of a text without form and length, of a field under another name
            return tuple(
                item
                for (code, path), item in explained.items()
                if (code != LIMIT or (FORM, path) not in explained) and (code != MISSING or path not in renamed)
            )
        return (self._make_fault(describe_fault("disagree", self.kind, (), data, None), (), "disagree", (data, None)),)

    def _explain_each(self, data: Data) -> Iterator[SchemaFault]:
        for error in _flat(self._explainer.iter_errors(data)):
            path = tuple(error.absolute_path)
            word, wanted, value = str(error.validator), error.validator_value, error.instance
            if word in ("unevaluatedProperties", "additionalProperties"):
                yield from self._find_unknown(path, value)
            elif word == "required":
                yield from (self._missing_fault(path, name, value) for name in wanted if name not in value)
            elif word == "dependentRequired":
                required = dict.fromkeys(chain.from_iterable(wanted[name] for name in wanted if name in value))
                yield from (self._missing_fault(path, name, value) for name in required if name not in value)
            elif word in ("anyOf", "oneOf") and (names := _alternatives(error)):
                yield self._make_fault(
                    describe_fault("oneRequired", self.kind, path, value, names), path, word, (value, names)
                )
            else:
                fault = self._make_fault(self._describe(word, path, value, wanted), path, word, (value, wanted))
                fix = respelt_fix(path, value, self._form(path, wanted)) if word == "pattern" else fault.fix
                yield fault._replace(fix=fix)

    def describe_value(self, path: KeyPath, value: str | float) -> CodedMessage | None:
        """The first fault of a value in its form, length or limits, described as in `faults`; None if there is none.
        Needs no record, so it stays cheap where every row of a sheet has the same fault."""
        field = self.kind.field_at(path)
        schema = field.schema if field else {}
        for word in _ON_VALUES:
            wanted = schema.get(word)
            if wanted is not None and not gate_of_keyword(word, wanted)(value):
                return self._describe(word, path, value, wanted)
        return None

    def respell(self, path: KeyPath, text: str) -> str:
        """The text in the form that its field requires if only case and separators differ, as in an EUI with dashes;
        any other text as it is."""
        field = self.kind.field_at(path)
        pattern = field.schema.get("pattern") if field else None
        if pattern is None or gate_of_keyword("pattern", pattern)(text):
            return text
        fix = respelt_fix(path, text, self._form(path, pattern))
        return str(fix.step.value) if fix is not None and fix.safe and isinstance(fix.step, Put) else text

    def _describe(self, word: str, path: KeyPath, value: Json, wanted: Json) -> CodedMessage:
        described = describe_fault(word, self.kind, path, value, wanted)
        if word != "pattern":
            return described
        return described._replace(hint=rewrite_hint(value, self._form(path, wanted)) or described.hint)

    def _form(self, path: KeyPath, pattern: str) -> Callable[[Json], bool]:
        """A check that a text matches `pattern` and is not too long for the field at `path`."""
        field, matches = self.kind.field_at(path), gate_of_keyword("pattern", pattern)
        most = field.schema.get("maxLength") if field else None
        return lambda text: matches(text) and (most is None or len(text) <= most)

    def _find_unknown(self, path: KeyPath, value: Mapping[str, Json]) -> Iterator[SchemaFault]:
        """Unknown fields; a known field that is only wrong has its own fault."""
        prefix = tuple(ITEM if isinstance(part, int) else part for part in path)
        names = [item.path[-1] for item in self.kind.fields if item.path[:-1] == prefix]
        for name in value:
            if name not in names:
                message = describe_fault("unknown", self.kind, path, name, names)
                fault = self._make_fault(message, (*path, name), "unknown", (value[name], names), on_key=True)
                fix = key_fix((*path, name), [other for other in names if other not in value])
                meant = key_meant(self.kind, prefix, name)
                if meant is not None and meant not in value and not (fix and fix.safe):
                    fix = Fix(Rename((*path, name), meant), safe=False)
                yield fault._replace(fix=fix)

    def _missing_fault(self, path: KeyPath, name: str, value: Json) -> SchemaFault:
        return self._make_fault(
            describe_fault("required", self.kind, (*path, name), value, name), (*path, name), "required", (value, name)
        )

    def _make_fault(
        self, message: CodedMessage, path: KeyPath, keyword: str, seen: tuple[Json, Json], *, on_key: bool = False
    ) -> SchemaFault:
        fix = fix_of(keyword, self.kind, path, *seen)
        return SchemaFault(message.code, path, keyword, *seen, message.message, message.hint, on_key, fix)

    @cached_property
    def _explainer(self) -> Any:
        draft, refusal, validators = _jsonschema()
        keywords, root = draft.VALIDATORS, {**self.kind.schema, "$id": _ROOT}
        fields = self.kind.schema.get("properties")

        @cache
        def allows(wanted: str) -> Callable[[Any], bool]:
            return gate(self.kind.name, {"$ref": _ROOT + wanted, "$defs": {"root": root}})

        def by_gate_first(engine: Any, wanted: str, instance: Json, schema: Schema) -> Iterator[Any]:
            """Follow a reference only if the gate refuses its value, because most of a refused record is valid."""
            if not allows(wanted)(instance):
                yield from keywords["$ref"](engine, wanted, instance, schema)

        def fields_by_gate_first(engine: Any, wanted: Schema, instance: Json, schema: Schema) -> Iterator[Any]:
            """Look into the fields of a record that the gate refuses, not into all of them."""
            if wanted is fields and isinstance(instance, Mapping):
                paths = [error.instance_path for error in self._validator.iter_errors(instance)]
                refused = {path[0] for path in paths if path}
                wanted = {name: part for name, part in wanted.items() if name in refused}
            yield from keywords["properties"](engine, wanted, instance, schema)

        def unknown_fields(engine: Any, wanted: Json, instance: Json, schema: Schema) -> Iterator[Any]:
            """Fields that the schema does not name; of one that it names, its own keywords tell what is wrong."""
            properties = schema.get("properties", {})
            if not isinstance(instance, Mapping) or not all(name in properties for name in instance):
                yield from keywords["unevaluatedProperties"](engine, wanted, instance, schema)

        engine = validators.extend(
            draft,
            {word: _by_gate(word, refusal) for word in ("pattern", "format", "multipleOf", "uniqueItems")}
            | {"$ref": by_gate_first, "properties": fields_by_gate_first, "unevaluatedProperties": unknown_fields},
        )
        return engine(self.kind.schema)


def _by_gate(keyword: str, refusal: Callable[[str], Any]) -> Callable[..., Iterator[Any]]:
    """A check of one keyword by the gate, which tells its verdict to the explainer."""

    def check(_validator: Any, wanted: Json, instance: Json, _schema: Schema) -> Iterator[Any]:
        if not gate_of_keyword(keyword, wanted)(instance):
            yield refusal(keyword)

    return check


def _jsonschema() -> tuple[Any, Any, Any]:
    """The library, without the optional checkers of formats that it imports where they are installed (one spends most
    of a second building grammars): here the gate checks formats."""
    hidden = [name for name in _FORMAT_CHECKERS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        from jsonschema import Draft202012Validator, ValidationError, validators
    finally:
        for name in hidden:
            del sys.modules[name]
    return Draft202012Validator, ValidationError, validators


def _flat(errors: Iterable[Any]) -> Iterator[Any]:
    """Errors in a stable order: by place, then keyword."""
    yield from sorted(errors, key=lambda error: (tuple(map(str, error.absolute_path)), str(error.validator)))


def _alternatives(error: Any) -> list[str]:
    """The field names of an `anyOf` whose branches only require fields; empty for any other."""
    names: list[str] = []
    for branch in error.validator_value:
        if not isinstance(branch, dict) or set(branch) - {"title", "description", "$comment"} != {"required"}:
            return []
        names.extend(branch["required"])
    return names
