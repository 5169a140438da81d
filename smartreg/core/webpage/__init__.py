"""What every HTML page of smartreg uses: a frame with a strict policy, escaped text, one style."""

from smartreg.core.webpage.frame import Script, element, escape_html, frame, island, ours, resource
from smartreg.core.webpage.written import UnfitPicture, lower_headings, markdown, picture

__all__ = [
    "Script",
    "UnfitPicture",
    "element",
    "escape_html",
    "frame",
    "island",
    "lower_headings",
    "markdown",
    "ours",
    "picture",
    "resource",
]
