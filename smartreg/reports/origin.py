"""Where a report comes from: line by line as `verify` reads it again, and in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from smartreg.core.messages import Language, Message, Text
from smartreg.core.values import Json
from smartreg.reports.typography import typeset
from smartreg.reports.wording import day_words, number_words

ORIGIN_NAMES = {
    "registry": Message("Registry"),
    "commit": Message("Commit"),
    "reference_date": Message("Reference date"),
    "period": Message("Period"),
    "audience": Message("Audience"),
    "records": Message("Records read"),
    "left_out": Message("Records left out"),
    "withheld_values": Message("Contacts of people withheld"),
    "rules": Message("Rules"),
    "conclusion": Message("Conclusion"),
    "deliveries": Message("Deliveries"),
    "smartreg": Message("smartreg"),
}
AUDIENCES = {
    "public": Message("for the public"),
    "partners": Message("for the partners"),
    "internal": Message("for internal use"),
}


def origin_lines(origin: Mapping[str, Json], lang: Language) -> list[tuple[str, str]]:
    """The origin of a report, line by line: what it is called, and its value, which `verify` reads again."""
    period = cast(Mapping[str, Json], origin["period"])
    texts = {name: str(value) for name, value in origin.items() if name in ORIGIN_NAMES and value is not None}
    texts["period"] = f"{period['from'] or '…'} → {period['until']}"
    if origin.get("commit") is None:
        texts["commit"] = Message("none: changes that no commit holds").in_(lang)
    return [(words.in_(lang), texts[name]) for name, words in ORIGIN_NAMES.items() if name in texts]


def provenance(origin: Mapping[str, Json]) -> Text:
    """Where a report comes from, in two sentences."""
    commit = origin.get("commit")
    day = day_words(str(origin.get("reference_date") or ""))
    records, left_out = (int(cast(int, origin.get(name) or 0)) for name in ("records", "left_out"))
    if commit:
        sentence = Message(
            "Computed from the registry as of {day} (version {version}): {records}. Anybody who has the registry can "
            "compute it again and compare."
        )
    else:
        sentence = Message(
            "Computed from the registry as of {day} (version not saved yet): {records}. Anybody who has the registry "
            "can compute it again and compare."
        )
    return typeset(sentence.fill(day=day, version=str(commit)[:7], records=_records_read(records, left_out)))


def _records_read(records: int, left_out: int) -> Text:
    """`71 records read, of which 3 were left out`."""
    if records == 0:
        read = Message("0 records read")
    elif records == 1:
        read = Message("1 record read")
    else:
        read = Message("{records} records read", records=number_words(records))
    if left_out == 0:
        return read
    if left_out == 1:
        return Message("{read}, of which 1 was left out", read=read)
    return Message("{read}, of which {left_out} were left out", read=read, left_out=number_words(left_out))
