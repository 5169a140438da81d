"""Faults that no test notices, each with the reason, as reading the code gives it."""

from __future__ import annotations

_FROZEN = "nothing assigns to a value; that nobody can is for those who write code"
_MORE = "rules are asked to which the change does not matter: only speed"
REASONS: dict[str, str] = {
    **{
        f"{file} frozen=True: the other": _FROZEN
        for file in (
            "validation/check.py",
            "edit/edit.py",
            "edit/mending.py",
            "edit/merge/texts.py",
            "edit/merge/three_way.py",
        )
    },
    "edit/merge/texts.py if fields: never": (
        "further ways are tried for nothing: the first that says the merged data stands"
    ),
    "edit/merge/texts.py _comments(texts.theirs) - _comments(texts.base): +/-": (
        "one way less is tried; the next says the same data, and marks more lines"
    ),
    "edit/merge/texts.py if sides is None: never": "Git's own merge writes no markers that do not belong together",
    "edit/apply.py not options.dry_run: no not": "what Git is asked beforehand it is asked later as well: only speed",
    "edit/apply.py len(wanted) <= FEW: the comparison is turned": "at that count, both ways ask for the same files",
    "validation/check.py return None: returns None": "the same code",
    "edit/merge/three_way.py return None: returns None": "the same code",
    "edit/mending.py (_file_in(attempt, draft, found) in blamed) == named: the comparison is turned": (
        "the two parts change places, and each is tried by itself"
    ),
    "validation/check.py judge is not None and (not judge.accepts(record.data)): and/or": (
        "what the gate accepts has no faults to tell: only speed"
    ),
    "validation/check.py altered is None: the comparison is turned": _MORE,
    "validation/check.py changed or {}: and/or": _MORE,
}
