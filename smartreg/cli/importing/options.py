"""The options of `import`: how to read the file, which column fills which field, what to do with rows and records."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from smartreg.cli.options import offer, t

KindOf: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="KIND", help=t("kind of the rows", "dont relèvent les lignes")),
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
    typer.Option(
        "--map", metavar="COL=PATH", help=t("fill this field from this column", "cette colonne remplit ce champ")
    ),
]
Constants: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--constant", "--set", metavar="PATH=VALUE", help=t("set this value in every record", "cette valeur partout")
    ),
]
Mapping: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--mapping",
        metavar="NAME|FILE",
        help=t("use a mapping, by its name or file", "une correspondance, par son nom ou son fichier"),
        autocompletion=offer("files"),
    ),
]
Dialect: TypeAlias = Annotated[
    str | None,
    typer.Option("--dialect", metavar="DIALECT", help=t("CSV dialect of the file", "comment est écrit le fichier")),
]
Encoding: TypeAlias = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help=t("encoding of the file (default: detected)", "trouvé sinon")),
]
Crs: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--crs",
        metavar="EPSG",
        help=t("coordinate system of the file, such as EPSG:2154", "coordonnées du fichier, EPSG:2154"),
    ),
]
Key: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--key",
        metavar="COL|PATH",
        help=t("columns or fields that match rows to records", "colonnes ou champs qui identifient une ligne"),
    ),
]
IdFrom: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--id-from",
        metavar="TEMPLATE",
        help=t("build ids from columns: {NAME}-{NUMBER}", "identifiants tirés de colonnes"),
    ),
]
SkipRows: TypeAlias = Annotated[
    list[str],
    typer.Option("--skip-rows", metavar="COL=VALUE", help=t("skip rows with this value", "écarter ces lignes")),
]
Absent: TypeAlias = Annotated[
    list[str], typer.Option("--absent", metavar="COL=VALUE", help=t("cells that mean unknown", "cellules sans valeur"))
]
Update: TypeAlias = Annotated[
    bool, typer.Option("--update", help=t("update existing records", "modifier les fiches existantes"))
]

SheetName: TypeAlias = Annotated[
    str | None,
    typer.Option("--sheet", metavar="NAME", help=t("sheet of the workbook", "quelle feuille d'un classeur")),
]

Layer: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--layer",
        metavar="NAME",
        help=t("layer of the map, or file in the archive", "quelle couche, ou quel fichier d'une archive"),
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
        help=t("fill a field from several columns", "un champ à partir de colonnes"),
    ),
]
DateFormat: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--date-format", metavar="DD/MM/YYYY", help=t("date format of the file", "comment sont écrits les jours")
    ),
]
Dates: TypeAlias = Annotated[
    Literal["start", "end", "refuse"] | None,
    typer.Option(
        "--dates",
        metavar="DAY",
        help=t("day that stands for a year, month or time", "le jour que devient une année, un mois, un instant"),
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
    typer.Option("--twins", metavar="WHICH", help=t("what to do with identical rows", "lignes aux mêmes cellules")),
]

MovedWithin: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--moved-within",
        metavar="METRES",
        help=t(
            "how far a record of the same name may have moved; farther, the row is new",
            "déplacement d'un homonyme ; au-delà, c'est un autre",
        ),
    ),
]

Gone: TypeAlias = Annotated[
    Literal["list", "retire"] | None,
    typer.Option(
        "--gone",
        metavar="WHAT",
        help=t("what to do with records that no longer have a row", "fiches dont la ligne a disparu"),
    ),
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
        autocompletion=offer("files"),
    ),
]

MovedOn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--moved-on",
        metavar="YYYY-MM-DD",
        help=t(
            "day since which devices are where the file says", "depuis quand les équipements sont où dit le fichier"
        ),
    ),
]

Correct: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--correct",
        help=t(
            "correct entry errors about the past; --reason says why",
            "le passé inscrit est une erreur de saisie ; --reason dit pourquoi",
        ),
    ),
]
