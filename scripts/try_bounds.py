"""Install smartreg with the oldest versions that pyproject.toml allows, in a folder of its own, and run some tests.

python scripts/try_lower_bounds.py [FOLDER]     needs uv; exit code of pytest
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
    f"tests/test_{name}.py"
    for name in (
        "yamlio_read",
        "yamlio_write",
        "yamlio_edit",
        "schema_door",
        "history",
        "cli",
        "cli_prompts",
        "commands",
        "codes",
        "api",
    )
]


def main(folder: Path) -> int:
    """The exit code of pytest, or of the step that failed before."""
    uv = next((str(place) for place in (Path(sys.executable).with_name("uv"),) if place.exists()), "uv")
    python = folder / "bin" / "python"
    steps = [
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--python", str(python), "pytest>=8.2", "hypothesis>=6.100"],
        [
            *(uv, "pip", "install", "--quiet", "--python", str(python), "--resolution", "lowest-direct"),
            *("--editable", f"{ROOT}[pandas]", "isoduration", "rfc3339-validator", "rfc3986-validator"),
        ],
        [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS],
    ]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for step in steps:
        code = subprocess.run(step, cwd=ROOT, env=environment, check=False).returncode
        if code:
            return code
    subprocess.run([uv, "pip", "list", "--quiet", "--python", str(python)], cwd=ROOT, check=False)
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as place:
        sys.exit(main(Path(place) / "venv"))
