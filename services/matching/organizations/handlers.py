"""What matching does about identity's events."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.envelope import Event
from chassis.inbox import Handler
from services.matching.organizations.schemas import OrganizationRegisteredSchema
from services.matching.organizations.use_cases import Organizations, note_organizations


def organization_handlers(organizations: Organizations) -> dict[str, Handler]:
    """Map identity's event types to what is done about them."""
    registered = OrganizationRegisteredSchema()

    def on_registered(events: Sequence[Event]) -> None:
        """Remember what kind of organisation it is."""
        note_organizations(
            [registered.load(event.data) for event in events], organizations=organizations
        )

    return {"identity.organization.registered.v1": on_registered}
