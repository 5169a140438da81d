"""Write docs/licences.md: what smartreg stands on at run time, and under which licence.

python scripts/list_licences.py      reads what is installed here
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "licences.md"
HEADING = """# Licences of what smartreg stands on

Written by `scripts/list_licences.py` from what the packages say of themselves. Direct and indirect dependencies at run
time; `extra` names the option of `pip install smartreg[…]` that brings one. smartreg itself is under MIT, its data
under etalab-2.0. All of them let smartreg be used, changed and passed on; those under the LGPL and the MPL ask that
changes *to them* be passed on under the same terms.

| package | licence | extra |
|---|---|---|
"""
EXTRAS = ("geo", "pandas", "parquet", "xlsx")


def licence_of(package: Distribution) -> str:
    """The SPDX expression, else the classifier, else what stands in the field."""
    about = package.metadata
    if said := (about.get_all("License-Expression") or [""])[0]:
        return str(said)
    classes = [line.rsplit(" :: ", 1)[-1] for line in about.get_all("Classifier", []) if line.startswith("License ::")]
    named = ", ".join(line for line in classes if line != "OSI Approved")
    return named or str((about.get_all("License") or [""])[0]).split("\n")[0] or "not told"


def needed(package: Distribution, extra: str = "") -> list[str]:
    """The names that a package requires, with those of an extra."""
    names = []
    for line in package.requires or ():
        name, marker = re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0], line.partition(";")[2]
        asked = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", marker)
        if (asked.group(1) if asked else "") == extra:
            names.append(name)
    return names


def main() -> None:
    ours = distribution("smartreg")
    waiting = [(name, "") for name in needed(ours)] + [
        (name, extra) for extra in EXTRAS for name in needed(ours, extra)
    ]
    rows: dict[str, str] = {}
    while waiting:
        name, extra = waiting.pop(0)
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in rows:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:  # for another system or version
            continue
        rows[key] = f"| {key} | {licence_of(package)} | {extra} |"
        waiting += [(other, extra) for other in needed(package)]
    PAGE.write_text(HEADING + "\n".join(rows[key] for key in sorted(rows)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
