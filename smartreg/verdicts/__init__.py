"""What was found in a registry before, kept in the cache: only what has changed since is judged again."""

from smartreg.verdicts.judging import judge

__all__ = ["judge"]
