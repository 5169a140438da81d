"""Every command: its panel in the help, its module, one line on what it does. All runs load it: no imports."""

from __future__ import annotations

from typing import NamedTuple

from smartreg.cli.options import t

START = t("Start", "Commencer")
RECORDS = t("Records", "Fiches")
CONVENTION = t("Conventions", "Conventions")
CHECK = t("Check", "Contrôler")
HISTORY = t("History", "Historique")
USE = t("Use", "Utiliser")
SHELL = t("Shell", "Terminal")
GIT = t("Called by Git", "Appelées par Git")
ABOUT = t(
    "smartreg: the registry of a Smart Métropole convention, kept as YAML files under Git",
    "smartreg : le registre d'une convention Smart Métropole, en fichiers YAML sous Git",
)
FURTHER = t(
    "Run smartreg COMMAND -h for the options of a command.", "smartreg COMMANDE -h montre les options d'une commande."
)


class CommandEntry(NamedTuple):
    """One command: its panel in the help (none: not listed), its module, one line on what it does, and the
    placeholders of its arguments if these alone decide what Tab offers."""

    panel: str
    module: str
    help: str
    arguments: tuple[str, ...] = ()


COMMANDS: dict[str, CommandEntry] = {
    "init": CommandEntry(START, "init", t("create a registry", "créer un registre"), ("DIR",)),
    "demo": CommandEntry(
        START,
        "demo",
        t("run through the main workflow in a new folder", "jouer le travail principal dans un nouveau dossier"),
        ("DIR",),
    ),
    "status": CommandEntry(
        START,
        "status",
        t(
            "show record counts, uncommitted changes and findings",
            "ce que contient le registre, ce qui n'est pas commité, ce qui ne va pas",
        ),
    ),
    "doctor": CommandEntry(
        START,
        "doctor",
        t(
            "check the setup of this computer and clone; --fix repairs it",
            "ce qui manque à ce poste et à ce clone ; --fix y remédie",
        ),
    ),
    "boundaries": CommandEntry(
        START,
        "boundaries",
        t(
            "store the communes' outlines from an official file",
            "garder les contours des communes du territoire, tirés d'un fichier officiel",
        ),
        ("FILE",),
    ),
    "add": CommandEntry(
        RECORDS,
        "adding.command",
        t(
            "add a record of any kind; its options come from the schema",
            "ajouter une fiche ; les options viennent de son schéma",
        ),
    ),
    "set": CommandEntry(
        RECORDS,
        "editing",
        t("change fields of one or more records", "modifier des champs d'une fiche ou de plusieurs"),
        ("RECORD|KIND", "PATH=VALUE…"),
    ),
    "edit": CommandEntry(
        RECORDS,
        "editing",
        t(
            "edit a record in your editor; errors are not saved",
            "modifier le texte d'une fiche dans votre éditeur ; rien de faux n'est enregistré",
        ),
        ("RECORD",),
    ),
    "retire": CommandEntry(
        RECORDS,
        "lifecycle",
        t(
            "end the life of a record; nothing is deleted",
            "mettre fin à la vie d'une fiche ; rien n'est supprimé",
        ),
        ("RECORD",),
    ),
    "move": CommandEntry(
        RECORDS,
        "lifecycle",
        t(
            "move a device to another support and record the earlier place",
            "poser un équipement sur un autre support ; l'ancien emplacement reste inscrit",
        ),
        ("EQUIPMENT", "SUPPORT"),
    ),
    "transfer": CommandEntry(
        RECORDS,
        "lifecycle",
        t(
            "transfer a support or device and record the earlier owner",
            "transférer un support ou un équipement ; l'ancien propriétaire reste inscrit",
        ),
        ("RECORD", "PARTY"),
    ),
    "replace": CommandEntry(
        RECORDS,
        "lifecycle",
        t(
            "replace a device with a new one, in one commit",
            "mettre un nouvel équipement à la place d'un ancien, en un seul commit",
        ),
        ("OLD", "[NEW-ID] PATH=VALUE…"),
    ),
    "rename": CommandEntry(
        RECORDS,
        "lifecycle",
        t(
            "change the id of a record and every reference to it",
            "donner un autre identifiant à une fiche, partout où il est cité",
        ),
        ("RECORD", "NEW-ID"),
    ),
    "remove": CommandEntry(
        RECORDS,
        "lifecycle",
        t("delete a record that was never in service", "supprimer une fiche qui n'a jamais été en service"),
        ("RECORD",),
    ),
    "import": CommandEntry(
        RECORDS,
        "importing.command",
        t(
            "import a CSV, XLSX, JSON or GeoJSON file, all rows or none",
            "importer les lignes d'un fichier (CSV, XLSX, JSON, GeoJSON), tout ou rien",
        ),
        ("KIND", "FILE"),
    ),
    "show": CommandEntry(RECORDS, "showing.command", t("show one record", "montrer une fiche"), ("RECORD",)),
    "list": CommandEntry(RECORDS, "list", t("list records", "lister des fiches"), ("KIND",)),
    "amend": CommandEntry(
        CONVENTION,
        "amendments",
        t("change a signed convention by amendment", "modifier une convention signée par un avenant"),
        ("CONVENTION", "PATH=VALUE…"),
    ),
    "renew": CommandEntry(
        CONVENTION,
        "amendments",
        t("extend a signed convention by amendment", "prolonger une convention signée par un avenant"),
        ("CONVENTION",),
    ),
    "terminate": CommandEntry(
        CONVENTION,
        "terminate",
        t(
            "end a signed convention early and show what loses cover",
            "résilier une convention signée et voir ce qui n'est plus couvert",
        ),
        ("CONVENTION",),
    ),
    "agree": CommandEntry(
        CONVENTION,
        "agree",
        t(
            "agree to what a change makes binding, by a signed commit",
            "donner son accord, par un commit signé, à ce qu'une modification rend obligatoire",
        ),
        ("RECORD…",),
    ),
    "annex": CommandEntry(
        CONVENTION,
        "annex",
        t(
            "add an annex, data charter or interface clause with its digest",
            "ajouter une annexe et son empreinte ; aussi chartes de la donnée et clauses d'interface",
        ),
        ("CONVENTION", "FILE|URL"),
    ),
    "deadlines": CommandEntry(
        CONVENTION,
        "deadlines",
        t(
            "show what has to be decided about conventions, and by when",
            "les décisions à prendre sur les conventions, et leurs échéances",
        ),
    ),
    "coverage": CommandEntry(
        CONVENTION,
        "covering.command",
        t(
            "show which convention covers a record, and when",
            "quelle convention le couvre, de quand à quand, et ce que sa fin emporterait",
        ),
        ("RECORD",),
    ),
    "validate": CommandEntry(
        CHECK,
        "validate",
        t("find what is wrong in the registry", "trouver ce qui ne va pas dans le registre"),
        ("PATH|RECORD…",),
    ),
    "format": CommandEntry(
        CHECK,
        "autofix",
        t(
            "order keys and quote identifiers; content does not change",
            "ordonner les clés, mettre les identifiants entre guillemets ; le contenu reste",
        ),
        ("PATH|RECORD…",),
    ),
    "explain": CommandEntry(
        CHECK, "reference", t("show the manual page of a rule", "la page de manuel d'une règle"), ("CODE",)
    ),
    "schema": CommandEntry(
        CHECK,
        "reference",
        t(
            "print the schema of a kind, or update all schemas",
            "afficher le schéma d'un type, ou rafraîchir tous les schémas",
        ),
        ("KIND",),
    ),
    "diff": CommandEntry(
        HISTORY,
        "diff",
        t(
            "show what changed, record by record, field by field",
            "ce qui a changé, fiche par fiche, champ par champ",
        ),
        ("REV…",),
    ),
    "log": CommandEntry(
        HISTORY, "history", t("show who changed what, and when", "qui a changé quoi, et quand"), ("RECORD",)
    ),
    "blame": CommandEntry(
        HISTORY,
        "history",
        t("show who last set each field, when and why", "qui a fixé chaque champ en dernier, quand et pourquoi"),
        ("RECORD",),
    ),
    "audit": CommandEntry(
        HISTORY,
        "audit",
        t(
            "check commits since the last seal and detect rewritten history",
            "ce qu'a fait chaque commit depuis le dernier sceau, et si l'historique a été réécrit",
        ),
    ),
    "undo": CommandEntry(
        HISTORY,
        "history",
        t(
            "revert a commit with a new one; undo that one to restore it",
            "défaire un commit par un nouveau commit ; undo encore une fois le rétablit",
        ),
        ("COMMIT",),
    ),
    "resolve": CommandEntry(
        HISTORY,
        "resolve",
        t("resolve a merge conflict field by field", "régler un conflit de fusion champ par champ"),
        ("RECORD", "FIELD"),
    ),
    "export": CommandEntry(
        USE,
        "export",
        t("write the registry as files for analysts", "écrire le registre en fichiers pour l'analyse"),
        ("KIND…",),
    ),
    "report": CommandEntry(
        USE,
        "report",
        t("write the bilan: figures B1 to B14 for a period", "le bilan : indicateurs B1 à B14 sur une période"),
    ),
    "query": CommandEntry(
        USE,
        "query",
        t("query the registry in SQL, read-only", "interroger le registre en SQL, en lecture seule"),
        ("SQL",),
    ),
    "verify": CommandEntry(
        USE,
        "verify",
        t(
            "check that an export matches the registry at its commit",
            "cet export dit-il ce que disait le registre à son commit ?",
        ),
        ("FILE",),
    ),
    "graph": CommandEntry(
        USE,
        "graph",
        t(
            "draw the data flows, party to use case, as Mermaid or DOT text",
            "le chemin des données, de la partie au cas d'usage, en texte Mermaid ou DOT",
        ),
        ("RECORD…",),
    ),
    "completion": CommandEntry(
        SHELL, "reference", t("print the script for Tab completion", "afficher le script de complétion par Tab")
    ),
    "merge-driver": CommandEntry(
        GIT,
        "called_by_git",
        t("merge a record that both branches changed", "fusionner une fiche que les deux branches ont modifiée"),
    ),
    "textconv": CommandEntry(
        GIT,
        "called_by_git",
        t(
            "print a record in canonical form, for git diff",
            "afficher une fiche dans un ordre et une écriture uniques, pour git diff",
        ),
        ("FILE",),
    ),
    "complete": CommandEntry(
        "", "shell", t("list what Tab offers for the last word", "ce que propose Tab pour le dernier mot")
    ),
    "help": CommandEntry("", "shell", t("show the help of a command", "l'aide d'une commande")),
    "version": CommandEntry("", "shell", t("print the version", "afficher la version")),
}

# The words of Git, of shells and of French for commands: a wrong one is answered with the command.
OTHER_NAMES = {
    "add": "new create ajouter",
    "import": "importer",
    "list": "ls find search chercher",
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
