"""The guests of a gathering for its host: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.mongo import Row, collection


class GuestLists(Protocol):
    """What the host can list of guests."""

    def of_gathering(
        self, gathering_id: str, *, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Those invited after an invitation's id, with their answers and tickets."""
        ...


class MongoGuestLists:
    """The ``GuestLists`` port over ``invitations``, ``registrations`` and ``tickets``."""

    def of_gathering(
        self, gathering_id: str, *, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        wanted = {"gathering_id": gathering_id, "_id": {"$gt": after or ""}}
        invited = list(collection("invitations").find(wanted).sort("_id", 1).limit(limit))
        ids = [row["_id"] for row in invited]
        answered = _by_invitation("registrations", gathering_id, ids)
        came = _by_invitation("tickets", gathering_id, ids)
        return [_guest(row, answered.get(row["_id"]), came.get(row["_id"])) for row in invited]


def _by_invitation(name: str, gathering_id: str, invitation_ids: list[str]) -> dict[str, Row]:
    wanted = {"gathering_id": gathering_id, "invitation_id": {"$in": invitation_ids}}
    return {row["invitation_id"]: row for row in collection(name).find(wanted)}


def _guest(invited: Row, answered: Row | None, came: Row | None) -> dict[str, Any]:
    said = answered if answered and not answered["is_forgotten"] else {}
    ticket = came or {}
    return {
        "invitation_id": invited["_id"],
        "community_id": invited.get("community_id"),
        "brought_by": invited["organization_id"],
        "registered_at": said.get("registered_at"),
        "answers": said.get("answers", {}),
        "ticket_id": ticket.get("_id"),
        "checked_in_at": ticket.get("checked_in_at"),
    }
