"""What the page itself says, in both languages. `{n}` and the like are filled in by its scripts.

What the page shows, as values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from smartreg.core.findings import Finding
from smartreg.core.values import Json, Language, RecordId, Words
from smartreg.diff.impact import Comparison
from smartreg.domain.coverage import Roles
from smartreg.reports.bilan import CONCLUSION, Story
from smartreg.reports.figure import Figure, Measure
from smartreg.tables import View

WORDS: Mapping[str, Words] = {
    "skip": Words("Skip to the content", "Aller au contenu"),
    "language": Words("Language", "Langue"),
    "contents": Words("Contents", "Sommaire"),
    "public": Words("the public", "le public"),
    "partners": Words("partners", "les partenaires"),
    "internal": Words("internal use", "usage interne"),
    "withheld": Words("Contacts of people withheld: {n}", "Coordonnées de personnes retirées : {n}"),
    "unreadable": Words("{n} records cannot be read and are left out", "{n} fiches illisibles sont laissées de côté"),
    "explorer": Words("Map and list", "Carte et liste"),
    "list": Words("List of records", "Liste des fiches"),
    "map_label": Words(
        "Map: arrow keys move it, plus and minus zoom; the table by commune and the list below say the same",
        "Carte : les flèches la déplacent, plus et moins zooment ; le tableau par commune et la liste plus bas disent "
        "la même chose",
    ),
    "show_what": Words("Show", "Montrer"),
    "value_hosted": Words("Devices in place", "Équipements en place"),
    "value_guests": Words("Devices on another party's support", "Équipements sur le support d'une autre partie"),
    "value_of": Words("Devices in place: {title}", "Équipements en place : {title}"),
    "value_records": Words("Each record", "Chaque fiche"),
    "by_use_case": Words("Devices of a use case", "Équipements d'un cas d'usage"),
    "nowhere": Words(
        "None of the records shown is a device in place.", "Aucune des fiches montrées n'est un équipement en place."
    ),
    "by_commune": Words("Table by commune", "Tableau par commune"),
    "without_devices": Words("Communes without any of them: {n}", "Communes qui n'en ont aucun : {n}"),
    "counted_on": Words(
        "Counted on {date}, by the commune of the support; mobile devices are left out.",
        "Compté au {date}, d'après la commune du support ; sans les équipements mobiles.",
    ),
    "crowd": Words("{n} records; zoom in", "{n} fiches ; zoomer"),
    "crowd_devices": Words("{n} devices; zoom in", "{n} équipements ; zoomer"),
    "with_others": Words("and {n} more here", "et {n} autres ici"),
    "centres_by": Words("Places of names: GeoNames, CC BY 4.0", "Place des noms : GeoNames, CC BY 4.0"),
    "coast_by": Words("Coast: Natural Earth, for orientation only", "Trait de côte : Natural Earth, à titre indicatif"),
    "filters": Words("Filters", "Filtres"),
    "more_filters": Words("More filters", "Plus de filtres"),
    "search": Words("Search", "Rechercher"),
    "search_hint": Words("id, name, address, any value", "identifiant, nom, adresse, toute valeur"),
    "kind": Words("Kind", "Type de fiche"),
    "commune": Words("Commune", "Commune"),
    "all": Words("any", "indifférent"),
    "reset": Words("Clear filters", "Effacer les filtres"),
    "colour_by": Words("Colour by", "Colorer selon"),
    "other_values": Words("other values", "autres valeurs"),
    "no_value": Words("no value", "sans valeur"),
    "zoom_in": Words("Zoom in", "Zoom avant"),
    "zoom_out": Words("Zoom out", "Zoom arrière"),
    "show_all": Words("Show all on the map", "Tout voir sur la carte"),
    "found": Words("{n} of {all} records", "{n} fiches sur {all}"),
    "on_map": Words("{n} on the map", "{n} sur la carte"),
    "record": Words("Record", "Fiche"),
    "name": Words("Name", "Nom"),
    "status": Words("Status", "Statut"),
    "details": Words("Details", "Détail"),
    "choose": Words(
        "Choose a point on the map, or a record of the list.",
        "Choisissez un point de la carte, ou une fiche de la liste.",
    ),
    "same_place": Words("At the same place", "Au même endroit"),
    "named_by": Words("Named by", "Cité par"),
    "close": Words("Close", "Fermer"),
    "locate": Words("Show on the map", "Voir sur la carte"),
    "see_all": Words("Show these in the list", "Voir ces fiches dans la liste"),
    "previous": Words("Previous", "Précédent"),
    "next": Words("Next", "Suivant"),
    "part_of": Words("{n} of {all}", "{n} sur {all}"),
    "page_of": Words("{from}–{to} of {all}", "{from}–{to} sur {all}"),
    "empty": Words("Nothing to show with these filters.", "Rien à afficher avec ces filtres."),
    "sort": Words("Sort by {name}", "Trier par {name}"),
    "yes": Words("yes", "oui"),
    "no": Words("no", "non"),
    "conventions": Words("Conventions", "Conventions"),
    "parties": Words("Parties", "Parties"),
    "responsible": Words("Who is responsible for what", "Qui est responsable de quoi"),
    "party": Words("Party", "Partie"),
    "role": Words("Role", "Rôle"),
    "records": Words("Records", "Fiches"),
    "owner": Words("owner", "propriétaire"),
    "manager": Words("manager", "gestionnaire"),
    "operator": Words("operator", "exploitant"),
    "maintainer": Words("maintainer", "mainteneur"),
    "producer": Words("producer", "producteur"),
    "draft": Words("draft", "projet"),
    "adopted": Words("adopted", "adoptée"),
    "not_yet": Words("not yet in force", "pas encore en vigueur"),
    "in_force": Words("in force", "en vigueur"),
    "expired": Words("expired", "échue"),
    "terminated": Words("terminated", "résiliée"),
    "as_amended": Words("as it reads on {day}, by amendment {number}", "version au {day}, issue de l'avenant {number}"),
    "from_to": Words("from {from} to {to}", "du {from} au {to}"),
    "from_on": Words("from {from}, no known end", "depuis le {from}, sans terme connu"),
    "and_more": Words("and {n} more", "et {n} autres"),
    "from": Words("From", "De"),
    "to": Words("To", "Vers"),
    "devices": Words("Devices", "Équipements"),
    "not_computed": Words("Not computed: {why}", "Non calculé : {why}"),
    "unknown": Words("not known", "inconnu"),
    "changes": Words("Changes", "Changements"),
    "changes_between": Words("From {before} to {after}", "De {before} à {after}"),
    "changes_since": Words("Since {day}", "Depuis le {day}"),
    "no_changes": Words("No record has changed.", "Aucune fiche n'a changé."),
    "change_added": Words("added", "ajoutée"),
    "change_changed": Words("changed", "modifiée"),
    "change_retired": Words("retired", "retirée du service"),
    "change_removed": Words("deleted", "supprimée"),
    "change_unreadable": Words("unreadable", "illisible"),
    "changes_added": Words("added", "ajoutées"),
    "changes_changed": Words("changed", "modifiées"),
    "changes_retired": Words("retired", "retirées du service"),
    "changes_removed": Words("deleted", "supprimées"),
    "changes_unreadable": Words("unreadable", "illisibles"),
    "change": Words("Change", "Changement"),
    "what": Words("What", "Quoi"),
    "findings": Words("Findings", "Constats"),
    "no_findings": Words("Nothing was found wrong.", "Aucun constat."),
    "severity": Words("Severity", "Gravité"),
    "error": Words("error", "erreur"),
    "warning": Words("warning", "avertissement"),
    "info": Words("note", "remarque"),
    "code": Words("Rule", "Règle"),
    "message": Words("Message", "Message"),
    "hint": Words("What to do", "Que faire"),
    "map_by": Words("Map: Leaflet {version}, BSD-2-Clause.", "Carte : Leaflet {version}, BSD-2-Clause."),
    "edition": Words("Edition for {audience}, as of {date}", "Édition pour {audience}, au {date}"),
    "story": Words("What matters", "L'essentiel"),
    "decisions": Words("Decision requested", "La décision demandée"),
    "figure": Words("Figure {code}: {title}", "Chiffre {code} : {title}"),
    "conclusion": CONCLUSION,
    "figures": Words("Figures", "Chiffres"),
    "definition": Words("Definition: {text}", "Définition : {text}"),
    "tables": Words("Tables and definition", "Tableaux et définition"),
    "chart_tables": Words("Chart, tables and definition", "Graphique, tableaux et définition"),
    "my_commune": Words("My commune", "Ma commune"),
    "whole_territory": Words("the whole territory", "tout le territoire"),
    "of_commune": Words(
        "In bold, {commune}: the devices there, and the conventions of the commune; after it, the whole territory. "
        "Charts and tables are those of the whole territory.",
        "En gras, {commune} : les équipements qui s'y trouvent et les conventions de la commune ; à la suite, tout le "
        "territoire. Graphiques et tableaux sont ceux de tout le territoire.",
    ),
    "for_all": Words("all: {value}", "tout : {value}"),
    "others": Words("{n} others", "{n} autres"),
    "others_level": Words("{n} others, {low} each", "{n} autres, {low} chacun"),
    "others_between": Words("{n} others, {low} to {high} each", "{n} autres, de {low} à {high} chacun"),
    "csv": Words("Numbers as CSV", "Les nombres en CSV"),
    "measure": Words("measure", "mesure"),
    "value": Words("value", "valeur"),
    "part": Words("part", "partie"),
    "whole": Words("whole", "ensemble"),
    "remark": Words("remark", "remarque"),
    "on_paper": Words(
        "The first {n} of {all} rows; the others are in the page itself.",
        "Les {n} premières lignes sur {all} ; les autres sont dans la page elle-même.",
    ),
    "swipe": Words("⇆ scroll to see everything", "⇆ faire défiler pour tout voir"),
    "more_of": Words("Details of {name}", "Détail de {name}"),
    "idle_parties": Words(
        "{n} other parties of the registry own and run nothing yet.",
        "{n} autres parties du registre ne possèdent ni n'exploitent encore rien.",
    ),
    "none_yet": Words("Nothing is recorded yet.", "Rien n'est encore inscrit."),
    "streams": Words("From party to use case", "De la partie au cas d'usage"),
    "streams_note": Words(
        "Each band is as wide as the number of devices in place that go that way; past a bar, the bands no longer "
        "say which devices came from where. The table has the same numbers.",
        "Chaque bande est large comme le nombre d'équipements en place qui passent par là ; après une barre, les "
        "bandes ne disent plus d'où vient chaque équipement. Le tableau donne les mêmes nombres.",
    ),
    "streams_open": Words("Show the diagram", "Voir le schéma"),
    "line_ends": Words("{name}: {first} in {start}, {last} in {end}", "{name} : {first} en {start}, {last} en {end}"),
    "table": Words("The same as a table", "Les mêmes nombres en tableau"),
    "more_changes": Words("{n} more changes are not listed here.", "{n} autres changements ne sont pas listés ici."),
    "more_findings": Words("{n} more findings are not listed here.", "{n} autres constats ne sont pas listés ici."),
    "open_changes": Words("Show what changed", "Voir ce qui a changé"),
    "open_findings": Words("Show what was found", "Voir les constats"),
    "provenance": Words("Where this report comes from", "Origine de ce bilan"),
    "registry": Words("registry", "registre"),
    "commit": Words("saved version", "version enregistrée"),
    "reference_date": Words("reference date", "date de référence"),
    "rules": Words("rules (digest)", "règles (empreinte)"),
    "digest": Words("data (digest)", "données (empreinte)"),
    "references": Words("References to verify this page", "Références pour vérifier cette page"),
    "made_by": Words("Made by smartreg {version}.", "Produit par smartreg {version}."),
}


Ring: TypeAlias = Sequence[tuple[float, float]]
Standing: TypeAlias = Literal["draft", "adopted", "not_yet", "in_force", "expired", "terminated"]


@dataclass(frozen=True, slots=True)
class Term:
    """A convention on the reference date: first and last day in force, who is responsible for what under it (only of
    visible records), and the number of the amendment by which it reads so (None: as first signed)."""

    standing: Standing
    start: date | None
    last: date | None
    responsible: Mapping[str, Roles]
    amendment: str | None = None


@dataclass(frozen=True, slots=True)
class MapTerritory:
    """The communes of the settings by INSEE code, and what the file of boundaries knows of communes: outlines as rings
    of (longitude, latitude), centres, and to whom the outlines are owed."""

    codes: Sequence[str] = ()
    outlines: Mapping[str, Sequence[Ring]] = field(default_factory=dict)
    centres: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    credit: Words | None = None


@dataclass(frozen=True, slots=True)
class Tiles:
    """The requested tile server: address with {z}, {x} and {y}, and the attribution of its pictures."""

    url: str
    origin: str
    credit: str


@dataclass(frozen=True)
class PageOptions:
    """`view`: the records that the audience may see; `source`: registry, commit, reference date and the like; `logo`: a
    picture as a data URI; `terms` by id of the convention; where `changes` or `findings` are not shown, a sentence says
    why; `rids` names the record of each file; `local`: the measures of single communes, by INSEE code and figure.
    `lang` None: the page speaks the language of the reader's browser."""

    view: View
    source: Mapping[str, Json]
    changes: Comparison | Words
    findings: Sequence[Finding] | Words
    rids: Mapping[str, RecordId]
    lang: Language | None = None
    figures: Sequence[Figure] = ()
    title: Words = field(default_factory=lambda: Words("", ""))
    story: Story | None = None
    logo: str | None = None
    conclusion: str | None = None
    terms: Mapping[str, Term] = field(default_factory=dict)
    territory: MapTerritory = MapTerritory()
    tiles: Tiles | None = None
    local: Mapping[str, Mapping[str, Sequence[Measure]]] = field(default_factory=dict)
