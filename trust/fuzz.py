"""Fuzz one target of tests/support/fuzz_targets.py, guided by coverage.

python trust/fuzz.py TARGET FOLDER [options of libFuzzer, such as -runs=10000]
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]
with atheris.instrument_imports(include=["smartreg"]):
    from fuzz_targets import TARGETS


def main() -> None:
    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
