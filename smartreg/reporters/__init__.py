"""The formats in which `validate` and others tell findings, a file each, but for `full`, which is in `wording/`: values
in, lines or text out. They neither print nor look anything up.
"""
