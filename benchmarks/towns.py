"""The towns of the generated supports and equipment, and the services that the equipment provides."""

from __future__ import annotations

from typing import NamedTuple

EPCI = "200054807"


class Town(NamedTuple):
    """A commune of the EPCI: its centre in WGS 84, rounded to a hundredth of a degree (GeoNames, CC BY 4.0)."""

    insee_code: str
    lon: float
    lat: float


TOWNS = (
    Town("13055", 5.38, 43.30),
    Town("13001", 5.45, 43.53),
    Town("13056", 5.06, 43.41),
    Town("13005", 5.57, 43.29),
    Town("13047", 4.99, 43.51),
    Town("13103", 5.09, 43.64),
    Town("13028", 5.60, 43.17),
    Town("13117", 5.25, 43.46),
    Town("13054", 5.21, 43.42),
    Town("13063", 5.00, 43.59),
    Town("13071", 5.31, 43.41),
    Town("13041", 5.47, 43.45),
    Town("13002", 5.48, 43.34),
    Town("84089", 5.50, 43.69),
    Town("13026", 5.16, 43.38),
    Town("13039", 4.94, 43.44),
    Town("13077", 4.98, 43.41),
    Town("13015", 5.41, 43.45),
    Town("13014", 5.17, 43.48),
    Town("13007", 5.63, 43.37),
    Town("13081", 5.23, 43.49),
    Town("13106", 5.37, 43.40),
    Town("13075", 5.46, 43.35),
    Town("13069", 5.15, 43.63),
)


class Service(NamedTuple):
    """A use case and what its equipment measures: (property, UCUM code), from the vocabulary of the schemas."""

    id: str
    domain: str
    theme: str
    title: str
    measures: tuple[tuple[str, str], ...]


SERVICES = (
    Service("noise", "noise", "ENVI", "Observatoire du bruit", (("noiseLevel", "dB[SPL]"),)),
    Service("waste", "waste", "ENVI", "Remplissage des points d'apport volontaire", (("fillingLevel", "%"),)),
    Service("water", "water", "ENVI", "Hauteur et qualité des eaux", (("waterLevel", "m"), ("turbidity", "{NTU}"))),
    Service("bikes", "mobility", "TRAN", "Comptage des vélos et des piétons", (("bikeCount", "{count}"),)),
    Service("lighting", "lighting", "ENER", "Éclairage public piloté", (("illuminance", "lx"), ("power", "W"))),
    Service("air", "air_quality", "ENVI", "Qualité de l'air", (("pm10", "ug/m3"), ("pm25", "ug/m3"), ("no2", "ug/m3"))),
    Service("heat", "heat", "ENVI", "Îlots de chaleur", (("airTemperature", "Cel"), ("relativeHumidity", "%"))),
    Service("soil", "green_spaces", "AGRI", "Arrosage des espaces verts", (("soilMoisture", "%"),)),
)
