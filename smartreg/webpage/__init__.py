"""What every HTML page of smartreg stands on: a frame with a strict policy, escaped text, one style."""

from smartreg.webpage.frame import Script, frame, ours
from smartreg.webpage.island import island
from smartreg.webpage.resources import resource
from smartreg.webpage.text import element, escaped
from smartreg.webpage.written import UnfitPicture, markdown, picture

__all__ = [
    "Script",
    "UnfitPicture",
    "element",
    "escaped",
    "frame",
    "island",
    "markdown",
    "ours",
    "picture",
    "resource",
]
