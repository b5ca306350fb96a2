"""Where slots and cartridges are looked up, and what is noted of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.matching.supply.domain import (
    Booking,
    CartridgeVersion,
    Closing,
    Holding,
    Kit,
    OpenedSlot,
    Slot,
    Venue,
)


class Slots(Protocol):
    """The slots of all venues, as far as matching has heard. What is noted twice stays once."""

    def find(self, slot_id: str) -> Slot | None:
        """The slot with its venue; None for one never heard of."""
        ...

    def note_venues(self, venues: Sequence[Venue]) -> None:
        """Remember rooms that can be had."""
        ...

    def note_slots(self, slots: Sequence[OpenedSlot]) -> None:
        """Remember hours of rooms that can be had."""
        ...

    def note_closings(self, slot_ids: Sequence[str]) -> None:
        """Forget hours that are not lent any more."""
        ...

    def note_bookings(self, bookings: Sequence[Booking]) -> None:
        """Remember who has a slot, the last booking of each counting; a hold ends with it."""
        ...

    def note_holdings(self, holdings: Sequence[Holding]) -> None:
        """Remember who holds a slot, the last of each counting."""
        ...

    def note_acceptances(self, slot_ids: Sequence[str]) -> None:
        """Remember that their venues agreed to the holds on these."""
        ...


class Cartridges(Protocol):
    """The published versions of all cartridges, as far as matching has heard."""

    def find(self, digest: str) -> CartridgeVersion | None:
        """The version with this digest; None for one never heard of."""
        ...

    def note(self, versions: Sequence[CartridgeVersion]) -> None:
        """Remember published versions."""
        ...

    def note_yanked(self, digests: Sequence[str]) -> None:
        """Remember that nothing new is to be planned with these."""
        ...


class Kits(Protocol):
    """The published kits, as far as matching has heard."""

    def find(self, kit_id: str) -> Kit | None:
        """The kit; None for one never heard of."""
        ...

    def note(self, kits: Sequence[Kit]) -> None:
        """Remember published kits; what is signed never changes."""
        ...

    def note_closed(self, closings: Sequence[Closing]) -> None:
        """Remember that these take no more claims."""
        ...
