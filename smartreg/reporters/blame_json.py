"""Who set which field, as one JSON object, version 1."""

from __future__ import annotations

from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.diff import ItemKey, place_text, veil_item
from smartreg.history.blame import Blame, FieldSetting, Held

VERSION = 1


def report(found: Blame) -> str:
    """The text of the object, ended by a line feed."""
    fields = [_field(held) for held in found.values]
    return json_text({"version": VERSION, "smartreg": __version__, "record": str(found.rid), "fields": fields})


def _field(held: Held) -> dict[str, Any]:
    """One value; `set` is null where it is not committed. An item of a list is named by its key."""
    return {
        "path": [veil_item(part).key if isinstance(part, ItemKey) else part for part in held.path],
        "name": place_text(held.path),
        "value": held.value,
        "set": _set(held.setting) if held.setting else None,
    }


def _set(setting: FieldSetting) -> dict[str, Any]:
    return {
        "commit": setting.commit,
        "date": setting.date.isoformat(),
        "author": {"name": setting.author, "email": setting.email},
        "op": setting.op,
        "manual": setting.manual,
        "signed": setting.signed,
        "subject": setting.subject,
        "conventions": list(setting.conventions),
        "reason": setting.reason,
    }
