"""Tab pressed in real shells: ids and labels that a shell would run are offered and inserted as plain words."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Mapping
from pathlib import Path

import pytest
from program import write_program

from smartreg.cli.shell import SCRIPTS
from smartreg.core.installation import invocation
from smartreg.schema import bundled_files

SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        "source <({}); bind 'set show-all-if-ambiguous on'",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        "unsetopt list_ambiguous; autoload -Uz compinit; compinit -u; source <({})",
    ),
    "fish": (["fish", "--no-config", "-i"], "{} | source"),
}
HOSTILE = "x$(touch PWNED);touch PWNED"
LABEL = "Mât [/x] \\$(touch PWNED) `touch PWNED` %n"
START_OF_LINE, TAB = "\x01", "\t"
PATIENCE_S = 60
MOVES = re.compile(r"\x1b(?:\[[0-9;?<>=]*[a-zA-Z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[=>()P][^\x1b]?)")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry by its file names, with an id and a label that would act in a shell; `smartreg` on the path."""
    root = tmp_path_factory.mktemp("tab")
    for name in (f"registry/supports/{HOSTILE}.yaml", "registry/supports/mast-1.yaml", "schemas/x", "bin/smartreg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "schemas/x").unlink()
    for name, text in bundled_files().items():
        (root / "schemas" / name).write_bytes(text)
    overlay = root / "schemas/support.fr.json"
    content = json.loads(overlay.read_text("utf-8"))
    content["properties"]["type"]["values"] |= {"mast": LABEL, "street_light": LABEL, "street_furniture": LABEL}
    overlay.write_text(json.dumps(content), "utf-8")
    write_program(root / "bin/smartreg")
    return root


def press_tab(shell: str, registry: Path, lines: Mapping[str, str]) -> list[str]:
    """Type each line and Tab, until the screen shows what the line is meant to end with; all words of the lines that
    come of it, as the shell hands them to a command."""
    words, script = SHELLS[shell]
    environ = {**os.environ, "PATH": f"{registry / 'bin'}:{os.environ['PATH']}", "SMARTREG_LANG": "fr", "TERM": "xterm"}
    environ |= {"HOME": str(registry), "PS1": "", "EDITOR": "emacs"}
    child, terminal = pty.fork()
    if not child:
        os.chdir(registry)
        os.execvpe(words[0], words, environ)
    screen = Screen(terminal)
    printed = f"smartreg completion {shell}"
    # As it is printed, it starts a Python. Once it has, a fork may answer.
    scripts = [printed, f"{printed} | sed 's|{invocation()}|smartreg|'"]
    try:
        for typed, shown in lines.items():
            if scripts:
                screen.type(f"{script.format(scripts.pop(0))}\r")
                screen.type("printf 'REA%s\\n' DY\r")
                screen.wait_for("\nREADY")
            screen.type(typed)
            screen.wait_for(shown)
            screen.type(f"{START_OF_LINE}printf '[%s]\\n' \r")
            screen.type("printf 'DO%s\\n' NE\r")
            screen.wait_for("\nDONE")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
    return re.findall(r"^\[(.*)\]$", screen.text, re.MULTILINE)


class Screen:
    """What a shell prints on its terminal, without what moves the cursor or colours."""

    def __init__(self, terminal: int) -> None:
        self.terminal, self.text = terminal, ""

    def type(self, keys: str) -> None:
        os.write(self.terminal, keys.encode())

    def wait_for(self, wanted: str) -> None:
        """Read on until the text is there behind what was waited for before."""
        start, end = len(self.text), time.monotonic() + PATIENCE_S
        while wanted not in self.text[start:]:
            if not select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no {wanted!r} in {self.text!r}")
            raw = os.read(self.terminal, 1 << 16).decode("utf-8", "replace")
            if "\x1b[c" in raw or "\x1b[0c" in raw:  # fish asks what the terminal is
                os.write(self.terminal, b"\x1b[?62c")
            self.text += MOVES.sub("", raw).replace("\r", "")


@pytest.mark.promise("R11")
@pytest.mark.parametrize("shell", SHELLS)
def test_tab_offers_hostile_ids_as_plain_words(shell: str, registry: Path) -> None:
    if shutil.which(shell) is None:
        warnings.warn(f"{shell} is not installed: Tab was not tried in it", stacklevel=1)
        return
    lines = {
        f"smartreg show x{TAB}": "PWNED",
        f"smartreg add-support --type=mas{TAB}": "mast",
        f"smartreg set support/mast-1 sta{TAB}pl{TAB}": "planned",  # no blank behind the sign
        f"smartreg set equipment/e support=x{TAB}": "PWNED",
        f"smartreg add-sensor --measure noiseL{TAB}": "noiseLevel",
        f"smartreg add-sensor --measure noiseLevel:d{TAB}": "SPL",
        f'smartreg show "x{TAB}': "PWNED",  # in open quotes
        f"smartreg show 'x{TAB}": "PWNED",
        f'smartreg set equipment/e statut="en pa{TAB}': "faulty",
        f"smartreg set equipment/e statut=pane{TAB}": "faulty",
        f"smartreg add-support --type st{TAB}": "street_furniture",  # labels too, where the shell shows them
        f'smartreg add-sensor --measure "atmospheric p{TAB}': "Pressure",  # a label of the other language
        f"smartreg add-sensor --measure niveau{TAB}": "noiseLevel",  # several that have no beginning in common
    }

    found = press_tab(shell, registry, lines)

    assert found[:6] == ["smartreg", "show", HOSTILE, "smartreg", "add-support", "--type=mast"]
    assert found[6:10] == ["smartreg", "set", "support/mast-1", "status=planned"]
    assert found[10:14] == ["smartreg", "set", "equipment/e", f"support={HOSTILE}"]
    assert (found[17], found[21]) == ("noiseLevel", "noiseLevel:dB[SPL]")
    assert found[22:28] == ["smartreg", "show", HOSTILE] * 2
    assert found[28:36] == ["smartreg", "set", "equipment/e", "statut=faulty"] * 2
    assert (found[43], found[47]) == ("atmosphericPressure", "niveau")
    assert not (registry / "PWNED").exists()


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_describes_what_has_a_description_and_nothing_else() -> None:
    found = "a:b\tmast: mât\nplain\n"
    script = SCRIPTS["zsh"].replace("@smartreg@", "offer").replace("#compdef smartreg\n", "")
    around = (
        "compdef() {}; _describe() { print -rl -- $1 $shown }; offer() { print -rn -- $OFFERED }; words=(smartreg x);"
        "CURRENT=2; typeset -A compstate\n"
    )
    done = subprocess.run(
        ["zsh", "-fc", f"{around}{script}_smartreg"],
        env={**os.environ, "OFFERED": found},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "-V\na\\:b:mast: mât\nplain\n"  # -V: unsorted
