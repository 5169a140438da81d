"""Every command: its panel in the help, its module, one line on what it does. All runs load it: no imports."""

from __future__ import annotations

from typing import NamedTuple

from smartreg.cli.options import t

START = t("Start")
RECORDS = t("Records")
CONVENTION = t("Conventions")
CHECK = t("Check")
HISTORY = t("History")
USE = t("Use")
SHELL = t("Shell")
GIT = t("Called by Git")
ABOUT = t("smartreg: the registry of a Smart Métropole convention, in YAML files under Git")
FURTHER = t("Run smartreg COMMAND -h for the options of a command.")


class CommandEntry(NamedTuple):
    """One command: its panel in the help (none: not listed), its module below `smartreg`, one line on what it does, and
    the placeholders of its arguments if these alone decide what Tab offers."""

    panel: str
    module: str
    help: str
    arguments: tuple[str, ...] = ()


COMMANDS: dict[str, CommandEntry] = {
    "init": CommandEntry(START, "features.setup.command.init", t("create a registry"), ("DIR",)),
    "demo": CommandEntry(
        START,
        "features.setup.command.demo",
        t("run through the main workflow in a new folder"),
        ("DIR",),
    ),
    "status": CommandEntry(
        START,
        "features.setup.command.status",
        t("show record counts, uncommitted changes and findings"),
    ),
    "doctor": CommandEntry(
        START,
        "features.setup.command.doctor",
        t("check the setup of this computer and clone; --fix repairs it"),
    ),
    "boundaries": CommandEntry(
        START,
        "features.setup.command.boundaries",
        t("store the communes' outlines from an official file"),
        ("FILE",),
    ),
    "add": CommandEntry(
        RECORDS,
        "cli.adding.command",
        t("add a record of any kind; its options come from the schema"),
    ),
    "set": CommandEntry(
        RECORDS,
        "cli.editing",
        t("change fields of one or more records"),
        ("RECORD|KIND", "PATH=VALUE…"),
    ),
    "edit": CommandEntry(
        RECORDS,
        "cli.editing",
        t("edit a record in your editor; errors are not saved"),
        ("RECORD",),
    ),
    "retire": CommandEntry(
        RECORDS,
        "features.lifecycle.command",
        t("end the life of a record; nothing is deleted"),
        ("RECORD",),
    ),
    "move": CommandEntry(
        RECORDS,
        "features.lifecycle.command",
        t("move a device to another support and record the earlier place"),
        ("EQUIPMENT", "SUPPORT"),
    ),
    "transfer": CommandEntry(
        RECORDS,
        "features.lifecycle.command",
        t("transfer a support or device and record the earlier owner"),
        ("RECORD", "PARTY"),
    ),
    "replace": CommandEntry(
        RECORDS,
        "features.lifecycle.command",
        t("replace a device with a new one, in one commit"),
        ("OLD", "[NEW-ID] PATH=VALUE…"),
    ),
    "rename": CommandEntry(
        RECORDS,
        "features.lifecycle.command",
        t("change the id of a record and every reference to it"),
        ("RECORD", "NEW-ID"),
    ),
    "remove": CommandEntry(
        RECORDS,
        "features.lifecycle.command",
        t("delete a record that was never in service"),
        ("RECORD",),
    ),
    "import": CommandEntry(
        RECORDS,
        "cli.importing.command",
        t("import a CSV, XLSX, JSON or GeoJSON file, all rows or none"),
        ("KIND|FILE", "FILE"),
    ),
    "show": CommandEntry(RECORDS, "cli.showing.command", t("show one record"), ("RECORD",)),
    "list": CommandEntry(RECORDS, "cli.list", t("list records"), ("KIND",)),
    "find": CommandEntry(
        RECORDS, "cli.list", t("find records by words: address, label, identifier, commune"), ("WORD…",)
    ),
    "amend": CommandEntry(
        CONVENTION,
        "cli.amendments",
        t("change a signed convention by amendment"),
        ("CONVENTION", "PATH=VALUE…"),
    ),
    "renew": CommandEntry(
        CONVENTION,
        "cli.amendments",
        t("extend a signed convention by amendment"),
        ("CONVENTION",),
    ),
    "terminate": CommandEntry(
        CONVENTION,
        "cli.terminate",
        t("end a signed convention early and show what loses cover"),
        ("CONVENTION",),
    ),
    "agree": CommandEntry(
        CONVENTION,
        "cli.agree",
        t("agree to a binding change, by a signed commit"),
        ("RECORD…",),
    ),
    "annex": CommandEntry(
        CONVENTION,
        "cli.annex",
        t("add an annex, data charter or interface clause with its digest"),
        ("CONVENTION", "FILE|URL"),
    ),
    "deadlines": CommandEntry(
        CONVENTION,
        "cli.deadlines",
        t("show what has to be decided about conventions, and by when"),
    ),
    "coverage": CommandEntry(
        CONVENTION,
        "cli.covering.command",
        t("show which convention covers a record, and when"),
        ("RECORD",),
    ),
    "validate": CommandEntry(
        CHECK,
        "cli.validate",
        t("find what is wrong in the registry"),
        ("PATH|RECORD…",),
    ),
    "format": CommandEntry(
        CHECK,
        "cli.autofix",
        t("order keys and quote identifiers; content does not change"),
        ("PATH|RECORD…",),
    ),
    "explain": CommandEntry(CHECK, "cli.reference", t("show the manual page of a rule"), ("CODE",)),
    "schema": CommandEntry(
        CHECK,
        "cli.reference",
        t("print the schema of a kind, or update all schemas"),
        ("KIND",),
    ),
    "diff": CommandEntry(
        HISTORY,
        "cli.diff",
        t("show what changed, record by record, field by field"),
        ("REV…",),
    ),
    "log": CommandEntry(HISTORY, "cli.history", t("show who changed what, and when"), ("RECORD",)),
    "blame": CommandEntry(
        HISTORY,
        "cli.history",
        t("show who last set each field, when and why"),
        ("RECORD",),
    ),
    "source": CommandEntry(
        USE,
        "features.federation.command.source",
        t("keep records of other registries that are named here"),
    ),
    "observatory": CommandEntry(
        USE,
        "features.observatory.command",
        t("one picture of many registries: tables, SQL, figures"),
    ),
    "audit": CommandEntry(
        HISTORY,
        "features.proofs.command",
        t("check commits since the last seal and detect rewritten history"),
    ),
    "undo": CommandEntry(
        HISTORY,
        "cli.history",
        t("revert a commit with a new one; undo that one to restore it"),
        ("COMMIT",),
    ),
    "resolve": CommandEntry(
        HISTORY,
        "features.merge.command.resolve",
        t("resolve a merge conflict field by field"),
        ("RECORD", "FIELD"),
    ),
    "export": CommandEntry(
        USE,
        "cli.export",
        t("write the registry as files for analysts"),
        ("KIND…",),
    ),
    "report": CommandEntry(
        USE,
        "cli.report",
        t("write the bilan: figures B1 to B14 for a period"),
    ),
    "web": CommandEntry(
        USE,
        "cli.web",
        t("open the registry in a browser, for people who open no terminal"),
    ),
    "query": CommandEntry(
        USE,
        "features.query.command",
        t("query the registry in SQL, read-only"),
        ("SQL",),
    ),
    "publish": CommandEntry(
        USE,
        "features.federation.command.publish",
        t("publish what everybody may see as a signed, numbered release"),
    ),
    "verify": CommandEntry(
        USE,
        "features.roundtrip.command",
        t("check an export against its commit, or a release against its key"),
        ("FILE|DIR",),
    ),
    "graph": CommandEntry(
        USE,
        "cli.graph",
        t("draw the data flows, party to use case, as Mermaid or DOT text"),
        ("RECORD…",),
    ),
    "completion": CommandEntry(SHELL, "cli.reference", t("print the script for Tab completion")),
    "merge-driver": CommandEntry(
        GIT,
        "features.merge.command.called_by_git",
        t("merge a record that both branches changed"),
    ),
    "textconv": CommandEntry(
        GIT,
        "features.merge.command.called_by_git",
        t("print a record in canonical form, for git diff"),
        ("FILE",),
    ),
    "complete": CommandEntry("", "cli.shell", t("list what Tab offers for the last word")),
    "help": CommandEntry("", "cli.shell", t("show the help of a command")),
    "version": CommandEntry("", "cli.shell", t("print the version")),
}

# The words of Git, of shells and of French for commands: a wrong one is answered with the command.
OTHER_NAMES = {
    "add": "new create ajouter",
    "import": "importer",
    "find": "search grep chercher trouver",
    "list": "ls",
    "log": "history historique",
    "move": "déplacer",
    "remove": "rm delete supprimer",
    "rename": "mv renommer",
    "replace": "remplacer",
    "report": "rapport bilan",
    "set": "update modifier changer",
    "show": "cat view montrer voir",
    "status": "st état statut",
    "undo": "revert annuler",
    "validate": "check lint vérifier contrôler",
}
