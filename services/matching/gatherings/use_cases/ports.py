"""Where gatherings are kept, and how one is found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from chassis.kernel.decisions import Decision
from services.matching.gatherings.domain import Actor, Gathering, GatheringNotFound

BOOKING = "slot-booking"
CANCELLATION, KIT_CANCELLATION = "cancellation", "kit-cancellation"
SETTLEMENT = "settlement"


class Gatherings(Protocol):
    """The gatherings, wherever they are kept."""

    def get(self, gathering_id: str) -> Gathering:
        """Raise ``GatheringNotFound`` rather than return None."""
        ...

    def get_all(self, gathering_ids: Iterable[str]) -> dict[str, Gathering]:
        """Those of them that exist, by id, in one read."""
        ...

    def save(self, decision: Decision[Gathering]) -> Gathering:
        """Store state and events together, or raise ``Conflict``."""
        ...

    def save_all(self, decisions: Sequence[Decision[Gathering]]) -> None:
        """Store many, each once, or raise ``Conflict``."""
        ...


def of_party(gathering_id: str, actor: Actor, *, gatherings: Gatherings) -> Gathering:
    """A gathering in which this actor has a part; raise ``GatheringNotFound``."""
    found = gatherings.get(gathering_id)
    if not actor.is_platform and not found.involves(actor.organization_id):
        raise GatheringNotFound(f"no gathering {gathering_id}")
    return found


def whole(gathering: Gathering) -> dict[str, Any]:
    """What booking and cancelling say about a gathering, in JSON's types."""
    return {
        "gathering_id": gathering.id,
        "claim_id": gathering.claim_id,
        "lot_id": gathering.lot_id,
        "kit_id": gathering.kit_id,
        "offer_id": gathering.offer_id,
        "host_id": gathering.host_id,
        "venue_id": gathering.slot.venue_id,
        "slot_id": gathering.slot.id,
        "people": gathering.capacity,
        "reason": "gathering-cancelled",
    }
