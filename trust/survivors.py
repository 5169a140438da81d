"""Mutants that no test notices, each with the reason, found by reading the code."""

from __future__ import annotations

_FROZEN = "no code assigns to a value; being frozen protects developers from doing so"
_WIDE = "the two ways to check a wide change agree (`test_audit.py`): only speed"
REASONS: dict[str, str] = {
    **{
        f"{file} frozen=True: the other": _FROZEN
        for file in (
            "validation/check.py",
            "edit/edit.py",
            "edit/autofix.py",
            "edit/merge/settling.py",
            "edit/merge/three_way.py",
        )
    },
    "edit/merge/texts.py if fields: never": (
        "more strategies are tried in vain: the first that gives the merged data wins"
    ),
    "edit/merge/texts.py comments_in(texts.theirs) - comments_in(texts.base): +/-": (
        "one strategy less is tried; the next gives the same data, and marks more lines"
    ),
    **{
        f"edit/merge/texts.py {what}": "Git's own merge never writes unpaired markers"
        for what in ("if sides is None: never", "False: the other")
    },
    **{
        f"edit/merge/texts.py {what}": "the last strategy marks every line, unless the merged data cannot be written"
        for what in ("not marked: no not", "if not marked and plain.clean: never")
    },
    "edit/merge/settling.py return path: returns None": "an item that differs is on one of the sides",
    "edit/merge/three_way.py strict=True: the other": "it pairs three versions with three versions",
    "edit/apply.py not options.dry_run: no not": "Git is asked the same later: only speed",
    "edit/apply.py if not committed: never": "the same step is compared again, with the same findings: only speed",
    "edit/apply.py len(paths) <= FEW: the comparison is turned": "at that count, both branches ask for the same files",
    "validation/check.py return None: returns None": "the same code",
    "edit/merge/three_way.py return None: returns None": "the same code",
    "edit/autofix.py if draft == before: never": "further rounds end with the same draft: only speed",
    **{
        f"edit/autofix.py {what}: the comparison is turned": "who is blamed decides only in which order fixes are tried"
        for what in (
            "home in whole.files",
            "_file_in(whole, draft, finding) in blamed",
            "_file_in(attempt, draft, finding) in blamed",
        )
    },
    "edit/record_text.py len(changes) * len(text) > MOST_WORK: the comparison is turned": (
        "a limit of seconds, off by one"
    ),
    "edit/autofix.py (_file_in(attempt, draft, finding) in blamed) == is_blamed: the comparison is turned": (
        "the two halves change places, and each is tried alone"
    ),
    "validation/check.py return False: returns None": "only its truth is asked for, and None counts as false",
    **{
        f"validation/check.py {what}": _WIDE
        for what in (
            "if self._is_wide: never",
            "len(self.changed) < WIDE_FROM: the comparison is turned",
            "return len(self.changed) * SHARE > max((len(side.registry.by_file) for: returns None",
        )
    },
}
