"""Install smartreg with other versions of its libraries, in a folder of its own, and run some tests.

    python scripts/try_bounds.py oldest [FOLDER]     the oldest versions that pyproject.toml allows
    python scripts/try_bounds.py newest [FOLDER]     the newest ones
    python scripts/try_bounds.py beyond [FOLDER]     the newest ones, and the newest Typer, which it may refuse

Needs uv. The exit code is that of pytest, or of the step that failed before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
# One test file for each use of a library: YAML, JSON Schema, Git, the command line, prompts, writing, Python.
TESTS = [
    f"tests/{name}.py"
    for name in (
        "yamlio/test_yamlio_read",
        "yamlio/test_yamlio_write",
        "yamlio/test_yamlio_edit",
        "schema/test_schema_door",
        "history/test_history",
        "cli/test_cli",
        "cli/test_cli_complete",
        "cli/test_cli_prompts",
        "commands/test_commands",
        "project/test_codes",
        "commands/test_api",
    )
]

BEYOND = "beyond"
RESOLUTION = {"oldest": "lowest-direct", "newest": "highest", BEYOND: "highest"}


def main(bound: str, folder: Path) -> int:
    """The exit code of pytest, or of the step that failed before."""
    uv = next((str(place) for place in (Path(sys.executable).with_name("uv"),) if place.exists()), "uv")
    python = folder / "bin" / "python"
    install = [uv, "pip", "install", "--quiet", "--python", str(python)]
    steps = [
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
        [*install, "pytest>=8.2", "hypothesis>=6.100"],
        [
            *(*install, "--resolution", RESOLUTION[bound]),
            *("--editable", f"{ROOT}[pandas]", "isoduration", "rfc3339-validator", "rfc3986-validator"),
        ],
        [*install, "--upgrade", "typer"] if bound == BEYOND else [],
        [uv, "pip", "list", "--python", str(python)],
        [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS],
    ]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for step in filter(None, steps):
        code = subprocess.run(step, cwd=ROOT, env=environment, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in RESOLUTION:
        sys.exit(__doc__)
    if len(sys.argv) > 2:
        sys.exit(main(sys.argv[1], Path(sys.argv[2])))
    with tempfile.TemporaryDirectory() as place:
        sys.exit(main(sys.argv[1], Path(place) / "venv"))
