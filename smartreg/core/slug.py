"""Turn a name as people write it into a text of `a-z`, `0-9` and `-`: the ids that smartreg proposes."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_LENGTH = 64  # longest id that the schemas allow

# Letters that Unicode does not decompose into a base letter and a mark; ß is left to casefold.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_SEPARATORS = re.compile("[^a-z0-9]+")


def strip_accents(text: str) -> str:
    """`text` without accents, in lower case: "Créqui" gives "crequi"."""
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=4096)  # labels and names are folded again for every record and row
def fold(text: str) -> str:
    """`text` without accents, in lower case, every run of other characters as one "-"; may be empty."""
    return _SEPARATORS.sub("-", strip_accents(text)).strip("-")


_TITLE = re.compile("^(?:(?:ville|commune|mairie|municipalite)-(?:du|des|de|d)-|(?:city|town|municipality)-of-)")
_ARTICLE = re.compile("^(?:le|la|les|l)-")


def bare(name: str) -> str:
    """A folded name without what a commune is and its article: "ville-du-rove", "commune-le-rove" and "le-rove" give
    `rove`."""
    return _ARTICLE.sub("", _TITLE.sub("", name, count=1), count=1)


def slug(name: str) -> str:
    """The id for `name`: folded, at most 64 characters; "Saint-Estève-Janson" gives `saint-esteve-janson`.

    Empty if `name` has no usable letter or digit."""
    return fold(name)[:MAX_LENGTH].rstrip("-")
