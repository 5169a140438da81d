"""What was found in a registry before, kept in the cache: only what has changed since is judged again."""

from smartreg.verdicts.judging import judge
from smartreg.verdicts.program import program

__all__ = ["judge", "program"]
