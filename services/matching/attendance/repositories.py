"""Invitations and tickets kept in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.mongo import collection
from services.matching.attendance.documents import InvitationDocument, TicketDocument
from services.matching.attendance.domain import InvitationNotFound, Ticket
from services.matching.doors.domain import Invitation


class MongoInvitations:
    """The ``Invitations`` port over the ``invitations`` collection."""

    def append(self, invitations: Sequence[Invitation]) -> None:
        InvitationDocument.objects.insert(
            [
                InvitationDocument(
                    id=invitation.id,
                    gathering_id=invitation.gathering_id,
                    community_id=invitation.community_id,
                    organization_id=invitation.organization_id,
                )
                for invitation in invitations
            ],
            load_bulk=False,
        )

    def get(self, gathering_id: str, invitation_id: str) -> Invitation:
        row = collection("invitations").find_one({"_id": invitation_id})
        if row is None or row["gathering_id"] != gathering_id:
            raise InvitationNotFound(f"no invitation {invitation_id}")
        return Invitation(
            id=row["_id"],
            gathering_id=row["gathering_id"],
            community_id=row.get("community_id"),
            organization_id=row["organization_id"],
        )


class MongoTickets:
    """The ``Tickets`` port over the ``tickets`` collection."""

    def find(self, ticket_id: str) -> Ticket | None:
        row = collection("tickets").find_one({"_id": ticket_id})
        if row is None:
            return None
        return Ticket(
            id=row["_id"],
            gathering_id=row["gathering_id"],
            community_id=row.get("community_id"),
            invitation_id=row["invitation_id"],
            brought_by=row["brought_by"],
            checked_in_at=row["checked_in_at"],
            stars=row.get("stars"),
            rated_at=row.get("rated_at"),
            revision=Revision(row["version"], row["last_sequence"]),
        )

    def save(self, decision: Decision[Ticket]) -> Ticket:
        ticket = decision.state
        document = TicketDocument(
            id=ticket.id,
            gathering_id=ticket.gathering_id,
            community_id=ticket.community_id,
            invitation_id=ticket.invitation_id,
            brought_by=ticket.brought_by,
            checked_in_at=ticket.checked_in_at,
            stars=ticket.stars,
            rated_at=ticket.rated_at,
        )
        return replace(ticket, revision=outbox.save(document, ticket.revision))
