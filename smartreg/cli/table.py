"""Every command: its group, its module, how it is called, one line on what it does.

Plain tuples and no import, because `-h`, Tab and the first step of every run read this.
"""

from __future__ import annotations

# key: heading in English, in French
GROUPS: dict[str, tuple[str, str]] = {
    "start": ("Start", "Commencer"),
    "records": ("Records", "Enregistrements"),
    "convention": ("Conventions", "Conventions"),
    "check": ("Check", "Contrôler"),
    "history": ("History", "Historique"),
    "use": ("Use", "Utiliser"),
    "shell": ("Shell", "Terminal"),
    "git": ("Called by Git", "Appelées par Git"),
}

# command: group, module of smartreg.cli, synopsis, summary in English, in French
COMMANDS: dict[str, tuple[str, str, str, str, str]] = {
    "init": ("start", "init", "[DIR]", "create a registry", "créer un registre"),
    "demo": (
        "start",
        "demo",
        "[DIR]",
        "play the main job in a new folder",
        "jouer le travail principal dans un nouveau dossier",
    ),
    "status": (
        "start",
        "status",
        "",
        "what the registry holds, what is not committed, what is wrong",
        "ce que contient le registre, ce qui n'est pas commité, ce qui ne va pas",
    ),
    "doctor": (
        "start",
        "doctor",
        "",
        "what this computer and this clone lack; --fix mends it",
        "ce qui manque à ce poste et à ce clone ; --fix y remédie",
    ),
    "add": (
        "records",
        "add",
        "KIND",
        "add a record of any kind; options come from its schema",
        "ajouter un enregistrement ; les options viennent de son schéma",
    ),
    "set": (
        "records",
        "set",
        "RECORD PATH=VALUE…",
        "change fields of a record",
        "modifier des champs d'un enregistrement",
    ),
    "retire": (
        "records",
        "retire",
        "RECORD",
        "end the life of a record; nothing is deleted",
        "mettre fin à la vie d'un enregistrement ; rien n'est supprimé",
    ),
    "rename": (
        "records",
        "rename",
        "RECORD NEW-ID",
        "give a record another id, everywhere it is named",
        "donner un autre identifiant à un enregistrement, partout où il est cité",
    ),
    "remove": (
        "records",
        "remove",
        "RECORD",
        "delete a record that was never in service",
        "supprimer un enregistrement qui n'a jamais été en service",
    ),
    "import": (
        "records",
        "import_",
        "KIND FILE",
        "bring in the rows of a CSV file, all or nothing",
        "importer les lignes d'un fichier CSV, tout ou rien",
    ),
    "show": ("records", "show", "RECORD", "show one record", "montrer un enregistrement"),
    "list": ("records", "list", "[KIND]", "list records", "lister des enregistrements"),
    "amend": (
        "convention",
        "amend",
        "CONVENTION PATH=VALUE…",
        "change a signed convention by an amendment",
        "modifier une convention signée par un avenant",
    ),
    "renew": (
        "convention",
        "renew",
        "CONVENTION",
        "prolong a signed convention by an amendment",
        "prolonger une convention signée par un avenant",
    ),
    "terminate": (
        "convention",
        "terminate",
        "CONVENTION",
        "end a signed convention before its term, and see what loses cover",
        "résilier une convention signée et voir ce qui n'est plus couvert",
    ),
    "annex": (
        "convention",
        "annex",
        "CONVENTION FILE|URL",
        "add an annex with its digest; also data charters and interface clauses",
        "ajouter une annexe et son empreinte ; aussi chartes de la donnée et clauses d'interface",
    ),
    "coverage": (
        "convention",
        "coverage",
        "RECORD",
        "which convention covers it, from when to when, and what an end would take",
        "quelle convention le couvre, de quand à quand, et ce que sa fin emporterait",
    ),
    "validate": (
        "check",
        "validate",
        "[PATH|RECORD…]",
        "find what is wrong in the registry",
        "trouver ce qui ne va pas dans le registre",
    ),
    "format": (
        "check",
        "format",
        "[PATH|RECORD…]",
        "put keys in order and identifiers in quotes; what records say stays",
        "ordonner les clés, mettre les identifiants entre guillemets ; le contenu reste",
    ),
    "explain": ("check", "explain", "CODE", "the manual page of a rule", "la page de manuel d'une règle"),
    "schema": (
        "check",
        "schema",
        "[KIND]",
        "print the schema of a kind, or refresh all schemas",
        "afficher le schéma d'un type, ou rafraîchir tous les schémas",
    ),
    "diff": (
        "history",
        "diff",
        "[REV [REV]]",
        "what changed, record by record, field by field",
        "ce qui a changé, enregistrement par enregistrement, champ par champ",
    ),
    "log": (
        "history",
        "log",
        "[RECORD]",
        "who changed what, and when",
        "qui a changé quoi, et quand",
    ),
    "blame": (
        "history",
        "blame",
        "RECORD",
        "who last set each field, when, and why",
        "qui a fixé chaque champ en dernier, quand et pourquoi",
    ),
    "undo": (
        "history",
        "undo",
        "[COMMIT]",
        "take a commit back by a new commit; undo again brings the change back",
        "défaire un commit par un nouveau commit ; undo encore une fois le rétablit",
    ),
    "resolve": (
        "history",
        "resolve",
        "RECORD [FIELD]",
        "settle a merge conflict field by field",
        "régler un conflit de fusion champ par champ",
    ),
    "export": (
        "use",
        "export",
        "[KIND…]",
        "write the registry as files for analysts",
        "écrire le registre en fichiers pour l'analyse",
    ),
    "report": (
        "use",
        "report",
        "",
        "the bilan: figures B1 to B14 for a period",
        "le bilan : indicateurs B1 à B14 sur une période",
    ),
    "query": (
        "use",
        "query",
        "SQL",
        "ask the registry in SQL; it only reads",
        "interroger le registre en SQL, en lecture seule",
    ),
    "verify": (
        "use",
        "verify",
        "FILE",
        "is this export what the registry said at its commit?",
        "cet export dit-il ce que disait le registre à son commit ?",
    ),
    "completion": (
        "shell",
        "completion",
        "bash|zsh|fish",
        "print the script for Tab completion",
        "afficher le script de complétion par Tab",
    ),
    "merge-driver": (
        "git",
        "merge_driver",
        "%O %A %B %P",
        "merge a record that both branches changed",
        "fusionner un enregistrement que les deux branches ont modifié",
    ),
    "textconv": (
        "git",
        "textconv",
        "FILE",
        "print a record in one order and one writing, for git diff",
        "afficher un enregistrement dans un ordre et une écriture uniques, pour git diff",
    ),
}

ABOUT = (
    "smartreg: the registry of a Smart Métropole convention, kept as YAML files under Git",
    "smartreg : le registre d'une convention Smart Métropole, en fichiers YAML sous Git",
)
