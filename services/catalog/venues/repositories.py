"""Venues kept in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from services.catalog.venues.documents import VenueDocument
from services.catalog.venues.domain import PolicyName, Room, Venue, VenueNotFound


class MongoVenues:
    """The ``Venues`` port over ``venues``."""

    def get(self, venue_id: str) -> Venue:
        document = VenueDocument.objects(pk=venue_id).first()
        if document is None:
            raise VenueNotFound(f"no venue {venue_id}")
        return _to_domain(document)

    def find(self, venue_ids: Collection[str]) -> dict[str, Venue]:
        found = VenueDocument.objects(pk__in=sorted(venue_ids))
        return {document.id: _to_domain(document) for document in found}

    def save(self, decision: Decision[Venue]) -> Venue:
        self.save_all([decision])
        venue = decision.state
        return replace(venue, revision=venue.revision.after(len(decision.events)))

    def save_all(self, decisions: Sequence[Decision[Venue]]) -> None:
        outbox.save_all(
            (_to_document(venue), venue.revision, events, messages)
            for venue, events, messages in decisions
        )


def _to_domain(document: VenueDocument) -> Venue:
    return Venue(
        id=document.id,
        organization_id=document.organization_id,
        city=document.city,
        time_zone=document.time_zone,
        room=Room(
            name=document.name,
            capacity=document.capacity,
            equipment=tuple(document.equipment),
            indoor=document.indoor,
            rules=tuple(document.rules),
            policy=PolicyName(document.policy),
            accepts_at_once=document.accepts_at_once,
        ),
        revision=document.revision(),
    )


def _to_document(venue: Venue) -> VenueDocument:
    room = venue.room
    return VenueDocument(
        id=venue.id,
        organization_id=venue.organization_id,
        city=venue.city,
        time_zone=venue.time_zone,
        name=room.name,
        capacity=room.capacity,
        equipment=list(room.equipment),
        indoor=room.indoor,
        rules=[dict(rule) for rule in room.rules],
        policy=room.policy.value,
        accepts_at_once=room.accepts_at_once,
    )
