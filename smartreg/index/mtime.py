"""How finely file systems tell time: whether what was read is so while the times of a file or folder are the same.

Two changes that follow each other closely may have one time. So what was read too soon after a change proves nothing
later: it has to have been older than the grain of the clock when the reading began.
"""

from __future__ import annotations

import time

TICK, COARSE, SECOND = 50_000_000, 2_000_000_000, 1_000_000_000  # nanoseconds; where times are whole seconds, COARSE


def is_reliable(began: int, *moments: int) -> bool:
    """Whether what has these times of change has others if it changes after `began`; all in nanoseconds."""
    return max(moments) + _grain(*moments) < began


def has_foreign_clock(written: int, began: int) -> bool:
    """Whether a file written since `began` has its time from another clock than ours, as on a disk of the network."""
    return not began - _grain(written) <= written <= time.time_ns() + TICK


def _grain(*moments: int) -> int:
    return COARSE if any(moment % SECOND == 0 for moment in moments) else TICK
