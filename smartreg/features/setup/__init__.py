"""A registry and its clones made ready: `init`, `demo`, `boundaries`, what `doctor` checks and repairs, `status`, and
what is sent to the remote. No record is written here but the first ones of a new registry.

Open first: `init.py` with `scaffold.py` (the files of a new registry), `doctor.py` (the list of checks), `command/`.
"""
