"""The check digit of SIREN and IMEI."""

from __future__ import annotations


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (Luhn formula, ISO/IEC 7812-1 annex B)."""
    from stdnum.luhn import is_valid

    return is_valid(digits)
