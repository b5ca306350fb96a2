"""How well a lot fits the words asked for: by the fields in which each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.catalog.listings.domain import Field

MOST_TERMS = 6
# One word more in the title outweighs all others in the tags, and one there all in articles.
POINTS: Mapping[Field, int] = {Field.TITLE: MOST_TERMS + 1, Field.TAGS: 1, Field.ARTICLES: 0}


class Match(NamedTuple):
    """The first of its fields in which a lot has a term."""

    term: str
    field: Field


def relevance_of(matches: Iterable[Match]) -> int:
    """The points of all terms together; the more the better."""
    return sum(POINTS[match.field] for match in matches)
