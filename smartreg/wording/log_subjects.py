"""Commit subjects in the language of the run: smartreg writes them in English, and trailers name the operation. What
people wrote themselves stays as it is."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

from smartreg.core.messages import SOURCE, Language, Message, message_in, verbatim
from smartreg.gitio import Commit
from smartreg.schema import Field, Kind, key_path

_FIELD = re.compile(r"[a-z0-9_]+(?:\[[0-9]+\])*(?:\.[a-z0-9_]+(?:\[[0-9]+\])*)*")
_VALUES: Mapping[str, str] = {
    "record": "[a-z0-9_-]+/[^ /:,]+",
    "kind": "[a-z0-9_-]+",
    "annex": "[a-z_]+",
    "on": "[0-9-]+",
    "number": "[0-9]+",
}
"""What stands for a value of a subject; for any other, some text."""
_SUBJECTS: Mapping[str, tuple[Message, ...]] = {
    "init": (
        Message("Create the registry of {name}"),
        Message("Create a registry"),
        Message("Add pipelines that run smartreg"),
        Message("Add forms for issues and pull requests"),
    ),
    "add": (Message("Add {record}"),),
    "set": (Message("Set {record} {changes}"),),
    "correct": (message_in("correction", "Set {record} {changes}"),),
    "edit": (Message("Edit {record}"),),
    "retire": (Message("Retire {record} on {on}"), Message("Retire {record} on {on}, replaced by {successor}")),
    "move": (Message("Move {record} to {place} on {on}"),),
    "transfer": (Message("Transfer {record} to {owner} on {on}"),),
    "replace": (Message("Replace {record} by {successor} on {on}"),),
    "rename": (Message("Rename {record} to {id}"),),
    "remove": (Message("Remove {record}"),),
    "import": (
        Message("Import {number} records from {file}"),
        Message("Import 1 record from {file}"),
        Message("Import {number} {kind} from {file}"),
        Message("Change the mapping of {file}"),
        Message("Note that {file} came back"),
    ),
    "export": (
        Message("Send {number} workbooks, one for each {field}"),
        Message("Send 1 workbook, one for each {field}"),
    ),
    "amend": (Message("Amend {record}: {changes}"),),
    "renew": (Message("Renew {record} until {on}"),),
    "terminate": (Message("Terminate {record} on {on}"), Message("Give notice of {record} on {on}")),
    "annex": (Message("Annex {annex} to {record}: {title}"),),
    "agree": (Message("Agree to {changes}"),),
    "withdraw": (Message("Withdraw the agreement to {changes}"),),
    "resolve": (Message("Settle conflicts of {number} records"), Message("Settle conflicts of {record}")),
    "fix": (Message("Fix {number} records"), Message("Fix {record}")),
    "format": (Message("Format {number} records"), Message("Format {record}")),
    "schema": (Message("Refresh the schemas"),),
    "boundaries": (Message("Keep the outlines of {number} communes"),),
    "doctor": (Message("Merge and compare records by their fields"),),
    "undo": (Message('Revert "{subject}"'), Message('Reapply "{subject}"')),
}
"""The subjects that smartreg writes, by operation."""


def subject_of(commit: Commit, kinds: Mapping[str, Kind], lang: Language) -> str:
    """The subject of a commit; if smartreg wrote it, in the language of the run."""
    return translate_subject(commit.operations[0].op if commit.operations else "", commit.subject, kinds, lang)


def translate_subject(op: str, subject: str, kinds: Mapping[str, Kind], lang: Language) -> str:
    """The subject that smartreg wrote for this operation, in `lang`; any other as it is."""
    if lang == SOURCE:
        return subject
    for template in _SUBJECTS.get(op, ()):
        if match := _pattern(template.in_(SOURCE)).fullmatch(subject):
            return template.fill(**_values(op, match.groupdict(), kinds, lang)).in_(lang)
    return subject


def translate_unknown(subject: str, kinds: Mapping[str, Kind], lang: Language) -> str:
    """The same of any operation."""
    translations = (translate_subject(op, subject, kinds, lang) for op in _SUBJECTS)
    return next((text for text in translations if text != subject), subject)


def _pattern(template: str) -> re.Pattern[str]:
    parts = string.Formatter().parse(template)
    return re.compile(
        "".join(
            re.escape(text) + (f"(?P<{name}>{_VALUES.get(name, '.+')})" if name else "") for text, name, *_ in parts
        )
    )


def _values(op: str, values: dict[str, str], kinds: Mapping[str, Kind], lang: Language) -> dict[str, str]:
    """The values of a subject, with English ones translated."""
    if op in ("set", "correct"):
        kind = kinds.get(values["record"].partition("/")[0])
        assignments = (_assignment(kind, text, lang) for text in values["changes"].split(", "))
        return {**values, "changes": ", ".join(assignments)}
    if "kind" in values:
        return {**values, "kind": _several(values["kind"], values["number"], kinds, lang)}
    if "subject" in values:
        return {"subject": translate_unknown(values["subject"], kinds, lang)}
    return values


def _assignment(kind: Kind | None, text: str, lang: Language) -> str:
    """`status=faulty` by title and label; what it leaves as it is was cut, or is part of a value."""
    if text.startswith("no "):
        field = _field(kind, text[3:])
        return message_in("of a record", "no {field}", field=field.title).in_(lang) if field else text
    name, equals, value = text.partition("=")
    field = _field(kind, name) if equals else None
    return f"{field.title.in_(lang)} = {field.labels.get(value, verbatim(value)).in_(lang)}" if field else text


def _field(kind: Kind | None, name: str) -> Field | None:
    return kind.field_at(key_path(name)) if kind and _FIELD.fullmatch(name) else None


def _several(word: str, number: str, kinds: Mapping[str, Kind], lang: Language) -> str:
    """The name for several records of a kind: its noun or its folder."""
    kind = next((kind for kind in kinds.values() if word in (kind.noun, kind.folder)), None)
    title = (kind.title if number == "1" else kind.plural).in_(lang) if kind else word
    return title[:1].lower() + title[1:]
