"""Whether a security key or passkey asserted what `[keys]` of the settings requires of it."""

from __future__ import annotations

from datetime import date

from smartreg.core.messages import Message, Text
from smartreg.gitio.signatures import Signature
from smartreg.schema.settings import KeySettings


def find_weakness(signature: Signature, settings: KeySettings, on: date) -> Text | None:
    """Why a valid signature by a security key or passkey counts for nobody; None if it counts, or another kind of key
    made it. `on`: the day of the check, because older history need not meet the requirements."""
    assertion = signature.assertion
    if assertion is None or (settings.start is not None and on < settings.start):
        return None
    if assertion.origin is None and not assertion.application.startswith("ssh:"):
        return Message(
            "a passkey of {application} made it outside of a browser, so no page shows what was signed",
            application=assertion.application,
        )
    if assertion.origin is not None and (assertion.origin not in settings.origins or assertion.cross_origin):
        if assertion.cross_origin:
            return Message(
                "a page of {origin}, embedded in another site asked for it, and [keys] origins does not allow that",
                origin=assertion.origin,
            )
        return Message(
            "a page of {origin} asked for it, and [keys] origins does not allow that", origin=assertion.origin
        )
    if not assertion.touched:
        return Message("the security key was not touched for it")
    if "verification" in settings.require and not assertion.verified:
        return Message("the security key did not verify its user (PIN or biometrics)")
    return None
