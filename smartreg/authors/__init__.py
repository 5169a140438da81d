"""Who may change what: commits of a branch, their authors, and the owners of what they change; who agreed to what."""

from smartreg.authors.agreements import Agreement, Change, agreement
from smartreg.authors.commits import doings
from smartreg.authors.judging import Sides, change_of, judge_authors
from smartreg.authors.wording import MISSING, decision
from smartreg.authors.writers import Writers, speaks_for

__all__ = [
    "MISSING",
    "Agreement",
    "Change",
    "Sides",
    "Writers",
    "agreement",
    "change_of",
    "decision",
    "doings",
    "judge_authors",
    "speaks_for",
]
