"""Communities kept in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.mongo import collection
from services.matching.communities.documents import CommunityDocument
from services.matching.communities.domain import Community, CommunityNotFound, Portrait


class MongoCommunities:
    """The ``Communities`` port over the ``communities`` collection."""

    def get(self, community_id: str) -> Community:
        document = CommunityDocument.objects(pk=community_id).first()
        if document is None:
            raise CommunityNotFound(f"no community {community_id}")
        return _to_domain(document)

    def of_host(self, host_id: str) -> Sequence[Community]:
        found = CommunityDocument.objects(host_id=host_id).order_by("id")
        return [_to_domain(document) for document in found]

    def count(self, host_id: str) -> int:
        return collection("communities").count_documents({"host_id": host_id})

    def save(self, decision: Decision[Community]) -> Community:
        community = decision.state
        revision = outbox.save(_to_document(community), community.revision, decision.events)
        return replace(community, revision=revision)


def _to_domain(document: CommunityDocument) -> Community:
    return Community(
        id=document.id,
        host_id=document.host_id,
        portrait=Portrait(
            name=document.name,
            city=document.city,
            size=document.size,
            tags={pair["tag"]: pair["weight"] for pair in document.tags},
        ),
        founded_at=document.founded_at,
        revision=document.revision(),
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
