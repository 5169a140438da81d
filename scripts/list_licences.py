"""Write docs/licences.md: the run-time dependencies of smartreg and their licences.

python scripts/list_licences.py      reads the installed packages
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "licences.md"
HEADING = """# Licences of the dependencies of smartreg

Direct and indirect dependencies at run time, written by `scripts/list_licences.py` from the metadata of the packages.
`extra` names the option of `pip install smartreg[…]` that installs one. smartreg itself is under MIT, its data under
etalab-2.0. All licences let you use, change and redistribute smartreg; the LGPL and the MPL require that changes *to
those packages* be redistributed under the same terms.

| package | licence | extra |
|---|---|---|
"""
NOT_FOR_USERS = ("dev", "docs")


def licence_of(package: Distribution) -> str:
    """The SPDX expression, else the classifier, else the text of the field."""
    about = package.metadata
    if expression := (about.get_all("License-Expression") or [""])[0]:
        return str(expression)
    classes = [line.rsplit(" :: ", 1)[-1] for line in about.get_all("Classifier", []) if line.startswith("License ::")]
    named = ", ".join(line for line in classes if line != "OSI Approved")
    return named or str((about.get_all("License") or [""])[0]).split("\n")[0] or "not stated"


def requirements(package: Distribution, extra: str = "") -> list[str]:
    """The names of the packages that a package, or one of its extras, requires."""
    names = []
    for line in package.requires or ():
        name, marker = re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0], line.partition(";")[2]
        condition = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", marker)
        if (condition.group(1) if condition else "") == extra:
            names.append(name)
    return names


def main() -> None:
    ours = distribution("smartreg")
    extras = [name for name in ours.metadata.get_all("Provides-Extra") or () if name not in NOT_FOR_USERS]
    queue = [(name, extra) for extra in ("", *extras) for name in requirements(ours, extra)]
    rows: dict[str, str] = {}
    while queue:
        name, extra = queue.pop(0)
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in rows:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:  # needed on another system or version only
            continue
        rows[key] = f"| {key} | {licence_of(package)} | {extra} |"
        queue += [(other, extra) for other in requirements(package)]
    PAGE.write_text(HEADING + "\n".join(rows[key] for key in sorted(rows)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
