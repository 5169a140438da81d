"""Commit subjects in the language of the run: smartreg writes them in English, and trailers name the operation. What
people wrote themselves stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from smartreg.core.messages import Language, verbatim
from smartreg.gitio import Commit
from smartreg.schema import Field, Kind, key_path

_FIELD = re.compile(r"[a-z0-9_]+(?:\[[0-9]+\])*(?:\.[a-z0-9_]+(?:\[[0-9]+\])*)*")
_RID = "([a-z0-9_-]+/[^ /:,]+)"
_FORMS: Mapping[str, Mapping[str, str]] = {
    "init": {
        "Create the registry of (.+)": "Création du registre : {0}",
        "Create a registry": "Création d'un registre",
        "Add pipelines that run smartreg": "Ajout des pipelines qui lancent smartreg",
    },
    "add": {f"Add {_RID}": "Ajout : {0}"},
    "set": {f"Set {_RID} (.+)": "Modification : {0}, {1}"},
    "correct": {f"Set {_RID} (.+)": "Rectification : {0}, {1}"},
    "edit": {f"Edit {_RID}": "Modification : {0}"},
    "retire": {
        f"Retire {_RID} on ([0-9-]+)": "Retrait : {0}, le {1}",
        f"Retire {_RID} on ([0-9-]+), replaced by (.+)": "Retrait : {0}, le {1}, remplacé par {2}",
    },
    "move": {f"Move {_RID} to (.+) on ([0-9-]+)": "Déplacement : {0} vers {1}, le {2}"},
    "transfer": {f"Transfer {_RID} to (.+) on ([0-9-]+)": "Transfert : {0} à {1}, le {2}"},
    "replace": {f"Replace {_RID} by (.+) on ([0-9-]+)": "Remplacement : {0} par {1}, le {2}"},
    "rename": {f"Rename {_RID} to (.+)": "Renommage : {0} en {1}"},
    "remove": {f"Remove {_RID}": "Suppression : {0}"},
    "import": {
        "Import ([0-9]+) ([a-z0-9_-]+) from (.+)": "Import : {0} {1} de {2}",
        "Change the mapping of (.+)": "Import : correspondance de {0}",
    },
    "export": {
        "Send ([0-9]+) workbooks, one for each (.+)": "Envoi de {0} classeurs, un par {1}",
        "Send 1 workbook, one for each (.+)": "Envoi d'un classeur, un par {0}",
    },
    "amend": {f"Amend {_RID}: (.+)": "Avenant : {0}, {1}"},
    "renew": {f"Renew {_RID} until ([0-9-]+)": "Reconduction : {0}, jusqu'au {1}"},
    "terminate": {
        f"Terminate {_RID} on ([0-9-]+)": "Résiliation : {0}, le {1}",
        f"Give notice of {_RID} on ([0-9-]+)": "Préavis : {0}, le {1}",
    },
    "annex": {f"Annex ([a-z_]+) to {_RID}: (.+)": "Annexe à {1} : {2}"},
    "agree": {"Agree to (.+)": "Accord : {0}"},
    "withdraw": {"Withdraw the agreement to (.+)": "Accord retiré : {0}"},
    "resolve": {
        "Settle conflicts of ([0-9]+) records": "Conflits réglés : {0} fiches",
        f"Settle conflicts of {_RID}": "Conflits réglés : {0}",
    },
    "fix": {"Fix ([0-9]+) records": "Corrections : {0} fiches", f"Fix {_RID}": "Corrections : {0}"},
    "format": {"Format ([0-9]+) records": "Mise en forme : {0} fiches", f"Format {_RID}": "Mise en forme : {0}"},
    "schema": {"Refresh the schemas": "Mise à jour des schémas"},
    "boundaries": {"Keep the outlines of ([0-9]+) communes": "Contours de {0} communes"},
    "doctor": {"Merge and compare records by their fields": "Fusion et comparaison des fiches champ par champ"},
    "undo": {'Revert "(.+)"': "Annulation : « {0} »", 'Reapply "(.+)"': "Rétablissement : « {0} »"},
}


def subject_of(commit: Commit, kinds: Mapping[str, Kind], lang: Language) -> str:
    """The subject of a commit; if smartreg wrote it, in the language of the run."""
    return translate_subject(commit.operations[0].op if commit.operations else "", commit.subject, kinds, lang)


def translate_subject(op: str, subject: str, kinds: Mapping[str, Kind], lang: Language) -> str:
    """The subject that smartreg wrote for this operation, in `lang`; any other as it is."""
    if lang == "en":
        return subject
    for form, french in _FORMS.get(op, {}).items():
        if match := re.fullmatch(form, subject):
            return french.format(*_parts(op, match.groups(), kinds))
    return subject


def _parts(op: str, parts: tuple[str, ...], kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    """The parts of a subject, with English ones translated into French."""
    if op in ("set", "correct"):
        kind = kinds.get(parts[0].partition("/")[0])
        return (parts[0], ", ".join(_assignment(kind, text) for text in parts[1].split(", ")))
    if op == "import" and len(parts) == 3:
        return (parts[0], _several(parts[1], parts[0], kinds), parts[2])
    if op == "undo":
        translations = (translate_subject(other, parts[0], kinds, "fr") for other in _FORMS)
        return (next((text for text in translations if text != parts[0]), parts[0]),)
    return parts


def _assignment(kind: Kind | None, text: str) -> str:
    """`status=faulty` by title and label; what it leaves as it is was cut, or is part of a value."""
    if text.startswith("no "):
        field = _field(kind, text[3:])
        return f"sans {field.title.in_('fr')}" if field else text
    name, equals, value = text.partition("=")
    field = _field(kind, name) if equals else None
    return f"{field.title.in_('fr')} = {field.labels.get(value, verbatim(value)).in_('fr')}" if field else text


def _field(kind: Kind | None, name: str) -> Field | None:
    return kind.field_at(key_path(name)) if kind and _FIELD.fullmatch(name) else None


def _several(word: str, number: str, kinds: Mapping[str, Kind]) -> str:
    """The name for several records of a kind: its noun or its folder."""
    kind = next((kind for kind in kinds.values() if word in (kind.noun, kind.folder)), None)
    title = (kind.title if number == "1" else kind.plural).in_("fr") if kind else word
    return title[:1].lower() + title[1:]
