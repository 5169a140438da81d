"""The text of the QR code on a LoRaWAN device (LoRa Alliance TR005): its identifiers in one scan."""

from __future__ import annotations

import re
from collections.abc import Mapping

DEV_EUI = "dev_eui"
_LABEL = re.compile(r"LW:D0:([0-9A-F]{16}):([0-9A-F]{16}):[0-9A-F]{8}((?::[A-Z][^:]*)*)", re.IGNORECASE)
_BLANKS = ("0" * 16, "F" * 16)  # a JoinEUI that a manufacturer has not set


def read_label(text: str) -> Mapping[str, str]:
    """The fields of a device that a label gives (`LW:D0:JoinEUI:DevEUI:ProfileID`, then perhaps its serial number as
    `:S…`); none for any other text. The token of its owner (`:O…`) is a secret, and is dropped."""
    match = _LABEL.fullmatch("".join(text.split()))
    if match is None:
        return {}
    join_eui, dev_eui, more = match[1].upper(), match[2].upper(), match[3]
    serial = next((part[1:] for part in more.split(":") if part[:1] in ("S", "s") and part[1:]), None)
    return {
        DEV_EUI: dev_eui,
        **({} if join_eui in _BLANKS else {"join_eui": join_eui}),
        **({"serial_number": serial} if serial else {}),
    }
