"""How findings, counts, commits and changes read, where more than one wing says so. Values in, lines or text out: what
is here neither prints nor decides. The formats of `validate` are in `reporters/`, what one wing alone there.

Open first: `full.py` (findings for people), `changes_text.py` (changes), `log_report.py` (the history).
"""
