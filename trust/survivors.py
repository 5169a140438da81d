"""Faults that no test can notice or needs to, each with the reason."""

from __future__ import annotations

REASONS: dict[str, str] = {}
