"""What `doctor` says of settings and schemas that cannot be used: nothing of a registry can be judged by them."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.commands.doctor_check import Check
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import SmartregError, UsageFault
from smartreg.registry import schemas_and_config
from smartreg.rules import all_rules
from smartreg.trees import SETTINGS, Overlaid
from smartreg.validation.known_codes import refuse_unknown_codes


def frame(workspace: Workspace) -> Iterator[Check]:
    """What stops all work with the registry, as it lies in the working tree."""
    try:
        config = workspace.config
        refuse_unknown_codes(config, all_rules(config.plugins))
    except SmartregError as fault:
        yield Check("settings", "mend", fault.message, fault.hint)
    try:
        schemas_and_config(Overlaid(workspace.tree(), {SETTINGS: None}))
    except UsageFault as fault:
        yield Check("schemas", "mend", fault.message, fault.hint)
