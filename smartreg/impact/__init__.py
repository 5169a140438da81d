"""What changes touch: who depends on the changed records, which rules break, which cover is lost, in graded order."""

from smartreg.impact.comparison import GRADES, Comparison, Effect, Grade, Hosting, Impact, OtherFile, Side
from smartreg.impact.grading import impacts
from smartreg.impact.hosting import hostings
from smartreg.impact.other_files import other_files
from smartreg.impact.wording import (
    BINDING,
    CHECKS,
    COMMENTS,
    LABELS,
    aside_texts,
    colon,
    consequences,
    graded_text,
    hosting_text,
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
    "graded_text",
    "hosting_text",
    "hostings",
    "impacts",
    "other_files",
]
