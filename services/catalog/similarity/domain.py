"""Which published versions a theme is like, and whether that is suspicious."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from services.catalog.similarity.engine.likeness import Likeness, likeness
from services.catalog.similarity.engine.shingles import Shingles, by_passage, marks

LISTED = 500  # basis points of either text; what shares less is not told of
SUSPICIOUS = 3_000
MOST_LISTED = 10


@dataclass(frozen=True)
class Print:
    """What is compared of one theme. ``ancestors`` are the digests it was declared made from."""

    digest: str
    cartridge_id: str
    author_id: str
    name: str
    version: str
    published_at: datetime
    ancestors: tuple[str, ...]
    passages: Mapping[str, str]
    structure: Mapping[str, int]

    @cached_property
    def shingles(self) -> dict[str, Shingles]:
        """The shingles of its passages."""
        return by_passage(self.passages)

    @cached_property
    def marks(self) -> list[int]:
        """By what an index finds it."""
        return marks(self.shingles)

    def own(self, sources: Sequence[Print]) -> dict[str, Shingles]:
        """Its passages without what these have too."""
        taken = set().union(*(found for each in sources for found in each.shingles.values()))
        if not taken:
            return self.shingles
        left = {
            path: Shingles({one: count for one, count in found.items() if one not in taken})
            for path, found in self.shingles.items()
        }
        return {path: found for path, found in left.items() if found}


@dataclass(frozen=True, slots=True)
class Twin:
    """A version of another author that a theme is like, and how much."""

    digest: str
    cartridge_id: str
    author_id: str
    name: str
    version: str
    published_at: datetime
    likeness: Likeness

    @property
    def share(self) -> int:
        """The greater of both parts of text: a small theme may lie whole in a large one."""
        return max(self.likeness.text_taken, self.likeness.text_given)

    @property
    def is_suspicious(self) -> bool:
        """Whether so much is alike that the authors should be told."""
        return self.share >= SUSPICIOUS


@dataclass(frozen=True, slots=True)
class Report:
    """What a theme was found to be like, the most alike first, each cartridge once.

    Its author's other themes, those it declares as its lineage and those that declare it are
    left out, and so is text that it took from its declared lineage.
    """

    digest: str
    ancestors: tuple[str, ...]
    made_at: datetime
    twins: tuple[Twin, ...]

    @property
    def is_suspicious(self) -> bool:
        """Whether any of them is very like it."""
        return any(twin.is_suspicious for twin in self.twins)


def compare(mine: Print, other: Print, sources: Sequence[Print] = ()) -> Twin:
    """How much a theme is like another, what it has from these sources left out."""
    return _twin(mine, mine.own(sources), other)


def _twin(mine: Print, own: Mapping[str, Shingles], other: Print) -> Twin:
    return Twin(
        digest=other.digest,
        cartridge_id=other.cartridge_id,
        author_id=other.author_id,
        name=other.name,
        version=other.version,
        published_at=other.published_at,
        likeness=likeness(
            own,
            other.shingles,
            structure=mine.structure,
            other_structure=other.structure,
        ),
    )


def report(
    mine: Print, ancestors: Sequence[Print], candidates: Sequence[Print], *, at: datetime
) -> Report:
    """Compare a theme with those that may be like it."""
    own = mine.own(ancestors)
    found = [_twin(mine, own, other) for other in candidates]
    alike = sorted(
        (twin for twin in found if twin.share >= LISTED),
        key=lambda twin: (-twin.share, -twin.likeness.text_alike, twin.published_at, twin.digest),
    )
    best: dict[str, Twin] = {}
    for twin in alike:
        best.setdefault(twin.cartridge_id, twin)
    return Report(mine.digest, mine.ancestors, at, tuple(best.values())[:MOST_LISTED])
