"""What can be done with communities: found one, change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from services.matching.communities.domain import Community, Portrait


class Communities(Protocol):
    """The communities, wherever they are kept."""

    def get(self, community_id: str) -> Community:
        """The community; raise ``CommunityNotFound`` rather than return None."""
        ...

    def of_host(self, host_id: str) -> Sequence[Community]:
        """All communities of a host, the oldest first."""
        ...

    def count(self, host_id: str) -> int:
        """How many communities a host has."""
        ...

    def save(self, decision: Decision[Community]) -> Community:
        """Store state and events together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCommunity:
    """A host's wish to tell of her people."""

    host_id: str
    portrait: Portrait


def found_community(
    command: FoundCommunity, *, communities: Communities, ids: Ids, now: datetime
) -> Community:
    """Begin a community of the host."""
    decision = Community.found(
        ids("com"),
        command.host_id,
        command.portrait,
        others=communities.count(command.host_id),
        at=now,
    )
    return communities.save(decision)


def own_community(community_id: str, host_id: str, *, communities: Communities) -> Community:
    """The host's own community; raise ``CommunityOfAnotherHost`` for any other's."""
    community = communities.get(community_id)
    community.must_be_of(host_id)
    return community


def change_community(
    community: Community, portrait: Portrait, *, communities: Communities, now: datetime
) -> Community:
    """Replace what is known of a community, as of the state that was read."""
    decision = community.change(portrait, at=now)
    return communities.save(decision) if decision.events else community
