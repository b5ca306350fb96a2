"""Facts about lots, subsidy offers and claims: parse, note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chassis.envelope import Event
from chassis.inbox import Handle, Handler
from chassis.web.schemas import EventSchema
from services.matching.offers.schemas import (
    CommitmentRead,
    KitCommitmentsRead,
    LotClosedRead,
    LotPublishedRead,
    OfferClosedRead,
    OfferOpenedRead,
    PacksCountedRead,
    PacksMovedRead,
    PhotosChangedRead,
)
from services.matching.offers.use_cases import Commitment, OfferNotes, Turn


def handlers(notes: OfferNotes) -> dict[str, Handler]:
    """What the offers do about each fact; group ``matching.projection``.

    A claim's facts come from our own topic, so that what claims have taken of an offer
    is counted in the same order wherever it is read.
    """
    published = LotPublishedRead()

    def on_published(events: Sequence[Event]) -> None:
        notes.publish_lots([published.lot(dict(event.data), at=event.time) for event in events])

    taken = _noting(PacksMovedRead(Turn.TAKEN), notes.move_packs)
    return {
        "catalog.lot.published.v1": on_published,
        "catalog.lot.closed.v1": _noting(LotClosedRead(), notes.close_lots),
        "catalog.lot.packs-reserved.v1": taken,
        # A reservation that had expired is taken again when it ships.
        "catalog.lot.packs-shipped.v1": taken,
        "catalog.lot.packs-released.v1": _noting(
            PacksMovedRead(Turn.GIVEN_BACK), notes.move_packs
        ),
        "catalog.lot.packs-returned.v1": _noting(PacksMovedRead(Turn.RETURNED), notes.move_packs),
        "catalog.lot.packs-counted.v1": _noting(PacksCountedRead(), notes.count_packs),
        "catalog.lot.photos-changed.v1": _noting(PhotosChangedRead(), notes.change_photos),
        "catalog.offer.opened.v1": _noting(OfferOpenedRead(), notes.open_offers),
        "catalog.offer.closed.v1": _noting(OfferClosedRead(), notes.close_offers),
        "matching.claim.confirmed.v1": _noting(CommitmentRead(), notes.commit_subsidies),
        "matching.claim.cancelled.v1": _noting(CommitmentRead(), _taking_back(notes)),
        "matching.claim.kit-confirmed.v1": _noting_all(notes.commit_subsidies),
        "matching.claim.kit-cancelled.v1": _noting_all(_taking_back(notes)),
    }


def _noting(schema: EventSchema, note: Callable[[Sequence[Any]], None]) -> Handle:
    def handle(events: Sequence[Event]) -> None:
        note([schema.load(event.data) for event in events])

    return handle


def _noting_all(note: Callable[[Sequence[Commitment]], None]) -> Handle:
    """Note every subsidy of kits' claims, which may have none."""
    schema = KitCommitmentsRead()

    def handle(events: Sequence[Event]) -> None:
        if taken := [each for event in events for each in schema.load(event.data)]:
            note(taken)

    return handle


def _taking_back(notes: OfferNotes) -> Callable[[Sequence[Commitment]], None]:
    def take_back(commitments: Sequence[Commitment]) -> None:
        notes.commit_subsidies(
            [Commitment(offer_id, -subsidy) for offer_id, subsidy in commitments]
        )

    return take_back
