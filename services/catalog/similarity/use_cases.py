"""What can be done to find copies: take a print, keep it, compare it with all others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.catalog.similarity.domain import Print, Report, report
from services.catalog.similarity.engine.shingles import marks
from services.catalog.similarity.engine.themes import passages_of, structure_of

MOST_COMPARED = 12  # cartridges, those that share most marks


class Prints(Protocol):
    """The prints of published versions, wherever they are kept."""

    def find(self, digests: Collection[str]) -> dict[str, Print]:
        """Those there are, by digest."""
        ...

    def sharing(self, sought: Sequence[int], of: Print, *, limit: int) -> list[Print]:
        """Prints that have some of these marks, those with most first, one a cartridge.

        None of the same author, of its declared lineage or of those that declare it.
        """
        ...

    def earlier(
        self, sought: Sequence[int], author_id: str, before: datetime, *, limit: int
    ) -> list[Print]:
        """What this author had published before then with some of these marks, most first."""
        ...

    def keep(self, found: Print, said: Report) -> None:
        """Store the print of a version and what it was like when it was published, once."""
        ...

    def kept(self, digest: str) -> Report | None:
        """What a version was like when it was published; None if nobody looked then."""
        ...


def take_print(
    manifest: Mapping[str, Any],
    files: Mapping[str, bytes],
    *,
    digest: str,
    cartridge_id: str,
    author_id: str,
    at: datetime,
    prints: Prints,
) -> Print:
    """What will be compared of a theme; its lineage goes on from its parent's."""
    wish = manifest.get("parent")
    parent = prints.find({wish["digest"]}).get(wish["digest"]) if wish else None
    earlier = parent.ancestors if parent else ()
    return Print(
        digest=digest,
        cartridge_id=cartridge_id,
        author_id=author_id,
        name=str(manifest["name"]),
        version=str(manifest["version"]),
        published_at=at,
        ancestors=(wish["digest"], *earlier) if wish else (),
        passages=passages_of(manifest, files),
        structure=structure_of(manifest),
    )


def find_alike(mine: Print, *, prints: Prints, now: datetime) -> Report:
    """Compare a theme with all that is published; the same prints give the same report."""
    ancestors = list(prints.find(mine.ancestors).values()) if mine.ancestors else []
    sought = marks(mine.own(ancestors))
    candidates = prints.sharing(sought, mine, limit=MOST_COMPARED) if sought else []
    return report(mine, ancestors, candidates, at=now)
