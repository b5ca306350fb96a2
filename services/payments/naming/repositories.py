"""Naming rights over MongoDB."""

from __future__ import annotations

from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from services.payments.naming.documents import NamingRightsDocument
from services.payments.naming.domain import NamingRights, NamingRightsNotFound, NamingState


class MongoNamingRights:
    """The ``NamingRightsBook`` port over the ``naming_rights`` collection."""

    def get(self, naming_rights_id: str) -> NamingRights:
        """Raise ``NamingRightsNotFound`` rather than return None."""
        document = NamingRightsDocument.objects(pk=naming_rights_id).first()
        if document is None:
            raise NamingRightsNotFound(f"no naming rights {naming_rights_id}")
        return _to_domain(document)

    def reserving(self, gathering_id: str) -> list[NamingRights]:
        """Those that keep a part for a gathering: one, or none."""
        return [_to_domain(each) for each in NamingRightsDocument.objects(reserved=gathering_id)]

    def save(self, decision: Decision[NamingRights]) -> NamingRights:
        """Store the state and its events together, or raise ``Conflict``."""
        rights = decision.state
        revision = outbox.save(_to_document(rights), rights.revision, decision.events)
        return replace(rights, revision=revision)


def _to_domain(document: NamingRightsDocument) -> NamingRights:
    currency = document.currency
    return NamingRights(
        id=document.id,
        brand_id=document.brand_id,
        host_id=document.host_id,
        price=Money(document.price_minor, currency),
        gatherings=document.gatherings,
        terms=dict(document.terms),
        state=NamingState(document.state),
        expected=Money(document.expected_minor, currency),
        booked=Money(document.booked_minor, currency),
        earned=tuple(document.earned),
        carries=(document.carries[0], document.carries[1]),
        reserved=tuple(document.reserved),
        returned=(
            None if document.returned_minor is None else Money(document.returned_minor, currency)
        ),
        revision=document.revision(),
    )


def _to_document(rights: NamingRights) -> NamingRightsDocument:
    return NamingRightsDocument(
        id=rights.id,
        brand_id=rights.brand_id,
        host_id=rights.host_id,
        price_minor=rights.price.minor,
        currency=rights.price.currency,
        gatherings=rights.gatherings,
        terms=dict(rights.terms),
        state=rights.state.value,
        expected_minor=rights.expected.minor,
        booked_minor=rights.booked.minor,
        earned=list(rights.earned),
        carries=list(rights.carries),
        reserved=list(rights.reserved),
        returned_minor=rights.returned and rights.returned.minor,
    )
