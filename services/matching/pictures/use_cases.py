"""How pictures are drawn from what is known of hosts, and kept for who asks often."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from services.matching.communities.use_cases import Communities
from services.matching.pictures.domain import (
    Claimed,
    Conduct,
    Evening,
    HostRecord,
    Picture,
    draw,
)

MOST_EVENINGS = 200
"""As many of her gatherings, the latest, say what her people care about."""
MOST_CLAIMS = 200
"""As many of her claims, the latest, say what is kindred to her."""


class Past(Protocol):
    """What became of the gatherings of hosts."""

    def evenings_of(self, host_id: str, *, limit: int) -> list[Evening]:
        """The gatherings she held, those planned last first."""
        ...

    def claimed_by(self, host_id: str, *, limit: int) -> Claimed:
        """What she claimed of by her latest claims that were confirmed and not given back."""
        ...

    def record_of(self, host_id: str) -> HostRecord:
        """What became of all her gatherings, counted."""
        ...

    def hosts_of(self, gathering_ids: Collection[str]) -> set[str]:
        """The hosts and co-hosts of these gatherings."""
        ...


class Pictures(Protocol):
    """The pictures as they were last drawn; one that is due is drawn anew before long."""

    def conduct_of(self, host_id: str) -> Conduct:
        """What she and her people did, in one read; nothing for a host never drawn."""
        ...

    def mark(self, host_ids: Iterable[str]) -> None:
        """Have these pictures drawn anew."""
        ...

    def due(self, *, limit: int) -> list[str]:
        """Hosts whose pictures are to be drawn anew, those that failed most often last."""
        ...

    def set_back(self, host_id: str) -> None:
        """Have a picture that could not be drawn wait for those that failed less often."""
        ...

    def put(self, pictures: Sequence[Picture]) -> None:
        """Keep pictures, which are due no more."""
        ...


def picture_host(host_id: str, *, communities: Communities, past: Past) -> Picture:
    """Draw a host's picture as everything stands now; nothing is kept."""
    return draw(
        host_id,
        communities.of_host(host_id),
        past.evenings_of(host_id, limit=MOST_EVENINGS),
        past.record_of(host_id),
        past.claimed_by(host_id, limit=MOST_CLAIMS),
    )


def redraw_pictures(
    host_ids: Iterable[str], *, pictures: Pictures, communities: Communities, past: Past
) -> None:
    """Draw the pictures of these hosts from the sources and keep them.

    Run in one transaction: a host marked meanwhile makes it run again, so that no picture is
    older than the last mark. Twice the same is harmless.
    """
    pictures.put([picture_host(each, communities=communities, past=past) for each in host_ids])
