"""The consequences of changes: who depends on the changed records, which rules break, which cover is lost, by grade."""

from smartreg.diff.impact.comparison import (
    GRADES,
    Comparison,
    Effect,
    Grade,
    Hosting,
    Impact,
    OtherFile,
    Side,
    other_files,
)
from smartreg.diff.impact.grading import impacts
from smartreg.diff.impact.hosting import hostings
from smartreg.diff.impact.wording import (
    BINDING,
    CHECKS,
    COMMENTS,
    LABELS,
    aside_texts,
    colon,
    consequences,
    format_grades,
    format_hosting,
)

__all__ = [
    "BINDING",
    "CHECKS",
    "COMMENTS",
    "GRADES",
    "LABELS",
    "Comparison",
    "Effect",
    "Grade",
    "Hosting",
    "Impact",
    "OtherFile",
    "Side",
    "aside_texts",
    "colon",
    "consequences",
    "format_grades",
    "format_hosting",
    "hostings",
    "impacts",
    "other_files",
]
