"""Whether a security key or passkey asserted what `[keys]` of the settings requires of it."""

from __future__ import annotations

from datetime import date

from smartreg.core.values import Words
from smartreg.gitio.signatures import Signature
from smartreg.schema.settings import KeySettings


def find_weakness(signature: Signature, settings: KeySettings, on: date) -> Words | None:
    """Why a valid signature by a security key or passkey counts for nobody; None if it counts, or another kind of key
    made it. `on`: the day of the check, because older history need not meet the requirements."""
    assertion = signature.assertion
    if assertion is None or (settings.start is not None and on < settings.start):
        return None
    if assertion.origin is None and not assertion.application.startswith("ssh:"):
        return Words(
            f"a passkey of {assertion.application} made it outside of a browser, so no page shows what was signed",
            f"une clé d'accès de {assertion.application} l'a faite hors d'un navigateur : aucune page ne dit pour quoi",
        )
    if assertion.origin is not None and (assertion.origin not in settings.origins or assertion.cross_origin):
        if assertion.cross_origin:
            return Words(
                f"a page of {assertion.origin}, embedded in another site asked for it, and [keys] origins does not "
                "allow that",
                f"une page de {assertion.origin}, incluse dans un autre site l'a demandée, ce que [keys] origins "
                "n'admet pas",
            )
        return Words(
            f"a page of {assertion.origin} asked for it, and [keys] origins does not allow that",
            f"une page de {assertion.origin} l'a demandée, ce que [keys] origins n'admet pas",
        )
    if not assertion.touched:
        return Words("nobody touched the security key for it", "personne n'a touché la clé de sécurité")
    if "verification" in settings.require and not assertion.verified:
        return Words(
            "the security key did not verify its user (PIN or biometrics)",
            "la clé de sécurité n'a pas vérifié son utilisateur (code ou biométrie)",
        )
    return None
