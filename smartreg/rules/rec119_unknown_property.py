"""Property that the vocabulary does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smartreg.core.findings import Fix, Put
from smartreg.core.messages import Message
from smartreg.core.spelling import closest, fold, suggestion
from smartreg.core.values import Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.texts import texts_called
from smartreg.rules.rule import rule
from smartreg.schema import ObservedProperty, literal

_LONGEST = 200  # characters of a word that is worth comparing

# Words of the trade that are not in the labels, folded.
_WORDS_FOR = {
    "noiseLevel": "bruit son noise sound leq laeq",
    "airTemperature": "temperature",
    "relativeHumidity": "humidite humidity hygrometrie",
    "atmosphericPressure": "pression pressure",
    "precipitation": "pluie rain",
    "fillingLevel": "remplissage fill fill-level",
    "waterLevel": "niveau-d-eau",
    "waterFlow": "debit flow",
    "windSpeed": "vent wind",
    "illuminance": "luminosite lumiere light",
    "bikeCount": "velos velo bike bikes",
    "pedestrianCount": "pietons pieton pedestrian",
    "vehicleCount": "vehicules trafic traffic",
    "electricityConsumption": "energie electricite energy",
    "power": "puissance",
    "batteryLevel": "batterie battery",
    "occupancy": "presence",
    "motion": "mouvement",
    "o3": "ozone",
    "pm25": "pm2-5",
}
_EVERYDAY = {word: key for key, words in _WORDS_FOR.items() for word in words.split()}

_texts = texts_called("property")


@rule("REC119", "warning", "record", Message("Property that the vocabulary does not know"), asks=_texts.fields)
def check(record: Record, context: Context) -> Iterator[Fault]:
    vocabulary = context.schemas.properties
    for path, word in _texts(record, context):
        if word in vocabulary or not vocabulary:
            continue
        near = _nearest(word, vocabulary) if len(word) <= _LONGEST else None
        yield Fault(
            at(record, *path),
            Message("{path} {word} is not a known property", path=path_text(path), word=literal(word)),
            suggestion(near) or Message("see observed-properties.json, or add the property there"),
            fix=Fix(Put(path, near), safe=_spelt_alike(word, near)) if near else None,
        )


def _spelt_alike(word: str, key: str) -> bool:
    """Whether they differ only in case, accents and separators."""
    return fold(word).replace("-", "") == fold(key).replace("-", "")


def _nearest(word: str, vocabulary: Mapping[str, ObservedProperty]) -> str | None:
    """The key that `word` means: by everyday words, by labels in both languages, by spelling."""
    plain = fold(word)
    if _EVERYDAY.get(plain) in vocabulary:
        return _EVERYDAY[plain]
    called = {
        fold(name): key
        for key, entry in vocabulary.items()
        for name in (entry.label.in_("en"), entry.label.in_("fr"), key)
    }
    near = closest(plain, called) if plain else None
    return called[near] if near else None
