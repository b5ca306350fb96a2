"""A community: people one host brings together, and what they care about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Forbidden, NotFound, RuleBroken
from services.matching.communities.events import CommunityChanged, CommunityFounded
from sharing.eligibility import ClaimFacts

LIGHTEST, HEAVIEST = 1, 100
MOST_OF_ONE_HOST = 200


class CommunityNotFound(NotFound):
    """There is no such community."""

    code = "community-not-found"
    hint = "List your communities and take the identifier from there."
    chinese = "没有这个编号的社群，请从您的社群列表中选取。"


class CommunityOfAnotherHost(Forbidden):
    """Only its own host may act on a community."""

    code = "community-of-another-host"
    hint = "Act for the organisation that founded the community."
    chinese = "只有创建该社群的主理人可以操作。"


class TooManyCommunities(RuleBroken):
    """The host has as many communities as one host may have."""

    code = "too-many-communities"
    hint = "Change a community that you no longer need instead of founding another."
    chinese = "社群数量已达上限，请修改不再使用的社群。"


@dataclass(frozen=True, slots=True)
class Portrait:
    """What a host says of her people. Each tag, in its tidy form, has a weight of 1 to 100."""

    name: str
    city: str
    size: int
    tags: Mapping[str, int]

    def claim_facts(
        self, *, settled: int, packs: int = 1, channel: str = "gathering"
    ) -> ClaimFacts:
        """What the conditions of offers look at when its host claims for these people."""
        return ClaimFacts(
            community_size=self.size,
            city=tidy(self.city),
            tags=tuple(sorted(self.tags)),
            settled_gatherings=settled,
            packs=packs,
            channel=channel,
        )


@dataclass(frozen=True, slots=True)
class Community:
    """People one host brings together."""

    id: str
    host_id: str
    portrait: Portrait
    founded_at: datetime
    revision: Revision = Revision()

    @classmethod
    def found(
        cls, community_id: str, host_id: str, portrait: Portrait, *, others: int, at: datetime
    ) -> Decision[Community]:
        """Begin a community beside the ``others`` its host has."""
        if others >= MOST_OF_ONE_HOST:
            raise TooManyCommunities(f"{others} already", most=MOST_OF_ONE_HOST)
        community = cls(community_id, host_id, portrait, at)
        return Decision(community, (CommunityFounded(**community._facts(at)),))

    def must_be_of(self, host_id: str) -> None:
        """Raise ``CommunityOfAnotherHost`` unless this host founded it."""
        if self.host_id != host_id:
            raise CommunityOfAnotherHost(f"{self.id} is not of {host_id}")

    def change(self, portrait: Portrait, *, at: datetime) -> Decision[Community]:
        """Say anew who its people are; saying the same again is no news."""
        if portrait == self.portrait:
            return Decision(self)
        community = replace(self, portrait=portrait)
        return Decision(community, (CommunityChanged(**community._facts(at)),))

    def _facts(self, at: datetime) -> dict[str, Any]:
        return {
            "community_id": self.id,
            "host_id": self.host_id,
            "city": self.portrait.city,
            "size": self.portrait.size,
            "tags": self.portrait.tags,
            "occurred_at": at,
        }


def tidy(text: str) -> str:
    """A tag or city as it is compared: lower case, single blanks."""
    return " ".join(text.split()).lower()
