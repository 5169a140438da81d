"""The audit of the history: what each commit did and how it was made, seals, and whether all of it is there."""

from smartreg.history.audit.seals import Seal, Sealed, Sent, line_of
from smartreg.history.audit.trail import Audited, Trace, audit_history

__all__ = ["Audited", "Seal", "Sealed", "Sent", "Trace", "audit_history", "line_of"]
