"""Communities kept in MongoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import itemgetter

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.mongo import Row, collection, on_commit
from services.matching.communities.documents import CommunityDocument
from services.matching.communities.domain import Community, CommunityNotFound, Portrait

COMMUNITIES = "communities"


class MongoCommunities:
    """The ``Communities`` port over the ``communities`` collection.

    Whose communities changed is told to ``changed`` as soon as that is stored.
    """

    def __init__(self, changed: Callable[[str], None] = lambda _host_id: None) -> None:
        self._changed = changed

    def get(self, community_id: str) -> Community:
        row = collection(COMMUNITIES).find_one({"_id": community_id})
        if row is None:
            raise CommunityNotFound(f"no community {community_id}")
        return _to_domain(row)

    def of_host(self, host_id: str) -> Sequence[Community]:
        # Every ranking reads these, so it goes past MongoEngine, which takes ten times as long.
        found = collection(COMMUNITIES).find({"host_id": host_id}).sort("_id", 1)
        return [_to_domain(row) for row in found]

    def count(self, host_id: str) -> int:
        return collection(COMMUNITIES).count_documents({"host_id": host_id})

    def by_host(self) -> Iterator[tuple[str, list[Community]]]:
        """Every host with all her communities, in the order of their ids."""
        found = collection(COMMUNITIES).find({}).sort([("host_id", 1), ("_id", 1)])
        for host_id, rows in groupby(found, key=itemgetter("host_id")):
            yield host_id, [_to_domain(row) for row in rows]

    def save(self, decision: Decision[Community]) -> Community:
        community = decision.state
        revision = outbox.save(_to_document(community), community.revision, decision.events)
        on_commit(partial(self._changed, community.host_id))
        return replace(community, revision=revision)


def _to_domain(row: Row) -> Community:
    return Community(
        id=row["_id"],
        host_id=row["host_id"],
        portrait=Portrait(
            name=row["name"],
            city=row["city"],
            size=row["size"],
            tags={pair["tag"]: pair["weight"] for pair in row["tags"]},
        ),
        founded_at=row["founded_at"],
        revision=Revision(row["version"], row["last_sequence"]),
    )


def _to_document(community: Community) -> CommunityDocument:
    portrait = community.portrait
    return CommunityDocument(
        id=community.id,
        host_id=community.host_id,
        name=portrait.name,
        city=portrait.city,
        size=portrait.size,
        tags=[{"tag": tag, "weight": weight} for tag, weight in portrait.tags.items()],
        founded_at=community.founded_at,
    )
