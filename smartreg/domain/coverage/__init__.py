"""What conventions cover: which one counts for what passes between parties, and what an end would take."""

from smartreg.domain.coverage.loss import Loss, losses
from smartreg.domain.coverage.responsible import Role, Roles, responsible
from smartreg.domain.coverage.subjects import KINDS, Own, covers_about, own, title_of, titles_opened_by
from smartreg.domain.coverage.versions import COLUMNS, convention_versions, termination
from smartreg.domain.covers import SOURCE, Cover, Ground, State, covers_of, ground_of, of_convention, there
from smartreg.domain.titles import Title

__all__ = [
    "COLUMNS",
    "KINDS",
    "SOURCE",
    "Cover",
    "Ground",
    "Loss",
    "Own",
    "Role",
    "Roles",
    "State",
    "Title",
    "convention_versions",
    "covers_about",
    "covers_of",
    "ground_of",
    "losses",
    "of_convention",
    "own",
    "responsible",
    "termination",
    "there",
    "title_of",
    "titles_opened_by",
]
