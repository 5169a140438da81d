"""What every HTML page of smartreg stands on: a frame with a strict policy, escaped text, one style."""

from smartreg.webpage.frame import Script, frame, ours
from smartreg.webpage.island import island
from smartreg.webpage.resources import resource
from smartreg.webpage.text import element, escaped

__all__ = ["Script", "element", "escaped", "frame", "island", "ours", "resource"]
