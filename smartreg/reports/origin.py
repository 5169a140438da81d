"""Where a report comes from: line by line as `verify` reads it again, and in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from smartreg.core.values import Json, Language, Words
from smartreg.reports.typography import typeset
from smartreg.reports.wording import day_words, number_words

ORIGIN_NAMES = {
    "registry": Words("Registry", "Registre"),
    "commit": Words("Commit", "Commit"),
    "reference_date": Words("Reference date", "Date de référence"),
    "period": Words("Period", "Période"),
    "audience": Words("Audience", "Public visé"),
    "records": Words("Records read", "Fiches lues"),
    "left_out": Words("Records left out", "Fiches laissées de côté"),
    "withheld_values": Words("Contacts of people withheld", "Coordonnées de personnes retirées"),
    "rules": Words("Rules", "Règles"),
    "conclusion": Words("Conclusion", "Conclusion"),
    "deliveries": Words("Deliveries", "Messages"),
    "smartreg": Words("smartreg", "smartreg"),
}
AUDIENCES = {
    "public": Words("for the public", "pour le public"),
    "partners": Words("for the partners", "pour les partenaires"),
    "internal": Words("for internal use", "à usage interne"),
}


def origin_lines(origin: Mapping[str, Json], lang: Language) -> list[tuple[str, str]]:
    """The origin of a report, line by line: what it is called, and its value, which `verify` reads again."""
    period = cast(Mapping[str, Json], origin["period"])
    texts = {name: str(value) for name, value in origin.items() if name in ORIGIN_NAMES and value is not None}
    texts["period"] = f"{period['from'] or '…'} → {period['until']}"
    if origin.get("commit") is None:
        texts["commit"] = Words("none: changes that no commit holds", "aucun : modifications sans commit").in_(lang)
    return [(words.in_(lang), texts[name]) for name, words in ORIGIN_NAMES.items() if name in texts]


def provenance(origin: Mapping[str, Json]) -> Words:
    """Where a report comes from, in two sentences."""
    commit = origin.get("commit")
    day = day_words(str(origin.get("reference_date") or ""))
    records, left_out = (int(cast(int, origin.get(name) or 0)) for name in ("records", "left_out"))
    if commit:
        sentence = Words(
            "Computed from the registry as of {day} (version {version}): {records}. Anybody who has the registry can "
            "compute it again and compare.",
            "Calculé d'après le registre au {day} (version {version}) : {records}. Toute personne disposant du "
            "registre peut le recalculer et comparer.",
        )
    else:
        sentence = Words(
            "Computed from the registry as of {day} (version not saved yet): {records}. Anybody who has the registry "
            "can compute it again and compare.",
            "Calculé d'après le registre au {day} (version pas encore enregistrée) : {records}. Toute personne "
            "disposant du registre peut le recalculer et comparer.",
        )
    return typeset(sentence.fill(day=day, version=str(commit)[:7], records=_records_read(records, left_out)))


def _records_read(records: int, left_out: int) -> Words:
    """`71 records read, of which 3 were left out`."""
    if records == 0:
        read = Words("0 records read", "0 fiche lue")
    elif records == 1:
        read = Words("1 record read", "1 fiche lue")
    else:
        read = Words("{records} records read", "{records} fiches lues").fill(records=number_words(records))
    if left_out == 0:
        return read
    if left_out == 1:
        return Words("{read}, of which 1 was left out", "{read}, 1 laissée de côté").fill(read=read)
    return Words("{read}, of which {left_out} were left out", "{read}, {left_out} laissées de côté").fill(
        read=read, left_out=number_words(left_out)
    )
