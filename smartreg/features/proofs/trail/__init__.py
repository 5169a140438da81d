"""The audit of the history: what each commit did and how it was made, seals, and whether all of it is there."""

from smartreg.features.proofs.trail.seals import Seal, Sealed, SealLine, parse_seal_line
from smartreg.features.proofs.trail.trail import Audited, Trace, audit_history

__all__ = ["Audited", "Seal", "SealLine", "Sealed", "Trace", "audit_history", "parse_seal_line"]
