"""Racy timestamps: a file or folder with an unchanged mtime is unchanged only if the mtime is older than the
granularity of the file system's clock.

Two changes in quick succession may have the same time. What was read too soon after a change therefore proves nothing
later, as with Git's "racy" index entries.
"""

from __future__ import annotations

import time

TICK, COARSE, SECOND = 50_000_000, 2_000_000_000, 1_000_000_000  # nanoseconds; where times are whole seconds, COARSE


def is_reliable(began: int, *moments: int) -> bool:
    """Whether a change after `began` must alter one of these times; all in nanoseconds."""
    return max(moments) + _grain(*moments) < began


def has_foreign_clock(written: int, began: int) -> bool:
    """Whether a file written after `began` has its time from another clock than ours, as on a network disk."""
    return not began - _grain(written) <= written <= time.time_ns() + TICK


def _grain(*moments: int) -> int:
    return COARSE if any(moment % SECOND == 0 for moment in moments) else TICK
