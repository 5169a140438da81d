"""What `import` takes: how the file is read, which column fills which field, and what becomes of rows and records."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from smartreg.cli.candidates import files
from smartreg.cli.options import t

KindOf: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="KIND", help=t("of which the rows are", "dont relèvent les lignes")),
]
File: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help=t("CSV, workbook, JSON, shapefile, GeoPackage…", "CSV, classeur, JSON, shapefile, GeoPackage…"),
    ),
]
Maps: TypeAlias = Annotated[
    list[str],
    typer.Option("--map", metavar="COL=PATH", help=t("this column fills that field", "cette colonne remplit ce champ")),
]
Constants: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--constant", "--set", metavar="PATH=VALUE", help=t("this value in every record", "cette valeur partout")
    ),
]
Mapping: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--mapping",
        metavar="NAME|FILE",
        help=t("a mapping by its name or file", "une correspondance, par son nom ou son fichier"),
        autocompletion=files,
    ),
]
Dialect: TypeAlias = Annotated[
    str | None,
    typer.Option("--dialect", metavar="DIALECT", help=t("how the file is written", "comment est écrit le fichier")),
]
Encoding: TypeAlias = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help=t("found by itself otherwise", "trouvé sinon"))
]
Crs: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--crs", metavar="EPSG", help=t("coordinates of the file, EPSG:2154", "coordonnées du fichier, EPSG:2154")
    ),
]
Key: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--key",
        metavar="COL|PATH",
        help=t("columns or fields by which rows find records", "colonnes ou champs qui identifient une ligne"),
    ),
]
IdFrom: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--id-from", metavar="TEMPLATE", help=t("ids from columns: {NAME}-{NUMBER}", "identifiants tirés de colonnes")
    ),
]
SkipRows: TypeAlias = Annotated[
    list[str], typer.Option("--skip-rows", metavar="COL=VALUE", help=t("leave such rows out", "écarter ces lignes"))
]
Absent: TypeAlias = Annotated[
    list[str], typer.Option("--absent", metavar="COL=VALUE", help=t("cells that mean unknown", "cellules sans valeur"))
]
Update: TypeAlias = Annotated[
    bool, typer.Option("--update", help=t("change records that are there", "modifier les fiches existantes"))
]

SheetName: TypeAlias = Annotated[
    str | None,
    typer.Option("--sheet", metavar="NAME", help=t("which sheet of a workbook", "quelle feuille d'un classeur")),
]

Layer: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--layer",
        metavar="NAME",
        help=t("which layer of a map, or file of an archive", "quelle couche, ou quel fichier d'une archive"),
    ),
]

Values: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--values",
        metavar="COL:A=x,B=y",
        help=t(
            "what values of a column mean; COL->FIELD:… fills a field",
            "sens des valeurs ; COL->CHAMP:… remplit un champ",
        ),
    ),
]
SetFrom: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--set-from",
        metavar="PATH={COL} {COL}",
        help=t("a field from several columns", "un champ à partir de colonnes"),
    ),
]
DateFormat: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--date-format", metavar="DD/MM/YYYY", help=t("how days are written", "comment sont écrits les jours")
    ),
]
Dates: TypeAlias = Annotated[
    Literal["start", "end", "refuse"] | None,
    typer.Option(
        "--dates",
        metavar="DAY",
        help=t("the day that a year, month or moment becomes", "le jour que devient une année, un mois, un instant"),
    ),
]
Keep: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--keep", metavar="COL", help=t("keep this column as an attribute", "garder cette colonne comme attribut")
    ),
]

Twins: TypeAlias = Annotated[
    Literal["first", "all", "refuse"] | None,
    typer.Option("--twins", metavar="WHICH", help=t("rows with the same cells", "lignes aux mêmes cellules")),
]

MovedWithin: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--moved-within",
        metavar="METRES",
        help=t(
            "how far a namesake may have moved; beyond, it is new",
            "déplacement d'un homonyme ; au-delà, c'est un autre",
        ),
    ),
]

Gone: TypeAlias = Annotated[
    Literal["list", "retire"] | None,
    typer.Option("--gone", metavar="WHAT", help=t("records whose rows are gone", "fiches dont la ligne a disparu")),
]

On: TypeAlias = Annotated[
    str | None, typer.Option("--on", metavar="YYYY-MM-DD", help=t("day of --gone retire", "jour de --gone retire"))
]

In: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--in",
        metavar="PACKAGE",
        help=t("the datapackage.json that came with an export", "le datapackage.json qui accompagnait un export"),
        autocompletion=files,
    ),
]

MovedOn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--moved-on",
        metavar="YYYY-MM-DD",
        help=t("since when devices hang where the file says", "depuis quand les équipements sont où dit le fichier"),
    ),
]

Correct: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--correct",
        help=t(
            "what the registry says of the past was entered wrongly; --reason says why",
            "le passé inscrit est une erreur de saisie ; --reason dit pourquoi",
        ),
    ),
]
