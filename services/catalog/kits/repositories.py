"""Kits kept in MongoDB."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import WHOLE, Money
from services.catalog.kits.documents import KitDocument
from services.catalog.kits.domain import Kit, KitLine, KitNotFound, KitState, VenueNeed


class MongoKits:
    """The ``Kits`` port over ``kits``."""

    def get(self, kit_id: str) -> Kit:
        document = KitDocument.objects(pk=kit_id).first()
        if document is None:
            raise KitNotFound(f"no kit {kit_id}")
        return _to_domain(document)

    def find(self, kit_ids: Collection[str]) -> dict[str, Kit]:
        found = KitDocument.objects(pk__in=list(kit_ids))
        return {document.id: _to_domain(document) for document in found}

    def save(self, decision: Decision[Kit]) -> Kit:
        kit, events, messages = decision
        revision = outbox.save(_to_document(kit), kit.revision, events, messages)
        return replace(kit, revision=revision)


def _to_domain(document: KitDocument) -> Kit:
    return Kit(
        id=document.id,
        drafted_by=document.drafted_by,
        title=document.title,
        lines=tuple(KitLine(**line) for line in document.lines),
        venue=VenueNeed(document.capacity, tuple(document.equipment)),
        cartridge_digest=document.cartridge_digest,
        author_id=document.author_id,
        price=Money(document.price_minor, document.currency),
        terms=dict(document.terms),
        royalties=dict(document.royalties) or {document.author_id: WHOLE},
        drafted_at=document.drafted_at,
        signed=tuple(document.signed),
        state=KitState(document.state),
        revision=document.revision(),
    )


def _to_document(kit: Kit) -> KitDocument:
    return KitDocument(
        id=kit.id,
        drafted_by=kit.drafted_by,
        parties=sorted({kit.drafted_by, *kit.brand_ids}),
        title=kit.title,
        lines=[asdict(line) for line in kit.lines],
        capacity=kit.venue.capacity,
        equipment=list(kit.venue.equipment),
        cartridge_digest=kit.cartridge_digest,
        author_id=kit.author_id,
        price_minor=kit.price.minor,
        currency=kit.price.currency,
        terms=dict(kit.terms),
        royalties=dict(kit.royalties),
        terms_digest=kit.terms_digest,
        drafted_at=kit.drafted_at,
        signed=list(kit.signed),
        state=kit.state.value,
    )
