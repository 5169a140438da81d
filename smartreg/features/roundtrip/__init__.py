"""Files that went out, compared with the registry that they came from: `verify`, for an export, a report or a release.
How a file is read is a matter of `readers/`, which origin it states, of `exporters/`.

Open first: `verify.py`; `verify_release.py` for a folder that somebody published.
"""
