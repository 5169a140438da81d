"""Proofs that the history is whole and was not rewritten: the audit, seals, timestamps and countersignatures of others,
and dossiers for strangers. What a commit did to a record for people to read is in `history/`; who may change what, in
`review/`.

Open first: `audit.py`, `trail/trail.py` (the audit commit by commit), `trail/seals.py`, `dossier.py`.
"""
