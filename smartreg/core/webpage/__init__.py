"""What every HTML page of smartreg uses: a frame with a strict policy, escaped text, one style."""

from smartreg.core.webpage.frame import Script, frame, ours
from smartreg.core.webpage.island import island
from smartreg.core.webpage.resources import resource
from smartreg.core.webpage.text import element, escape_html
from smartreg.core.webpage.written import UnfitPicture, markdown, picture

__all__ = [
    "Script",
    "UnfitPicture",
    "element",
    "escape_html",
    "frame",
    "island",
    "markdown",
    "ours",
    "picture",
    "resource",
]
