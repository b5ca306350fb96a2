"""Offers for a host over HTTP: parse, call one use case, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, Rank, needs, page, rank_of
from services.matching.offers.domain import OffersOfAnotherHost
from services.matching.offers.engine.search import Position
from services.matching.offers.schemas import (
    ExplainedOfferSchema,
    ExplainQuery,
    OfferPage,
    OffersQuery,
    WhyNotSchema,
    offer_reply,
    why_not_reply,
)
from services.matching.offers.use_cases import (
    HostBook,
    OfferBook,
    Ranking,
    RankingModels,
    explain_offer,
    place_offer,
    rank_offers,
)


def offers_blueprint(
    ranking: Ranking,
    models: RankingModels,
    book: OfferBook,
    hosts: HostBook,
    clock: Clock,
) -> Blueprint:
    """Routes under ``/v1/hosts/{host_id}/offers``."""
    blueprint = Blueprint(
        "offers",
        __name__,
        url_prefix="/v1/hosts",
        description="What brands have on offer, ranked for one host and explained",
    )

    @blueprint.get("/<host_id>/offers")
    @needs(Permission.MATCHING_OFFER_READ)
    @blueprint.arguments(OffersQuery, location="query")
    @blueprint.response(200, OfferPage)
    def rank_offers_view(query: dict[str, Any], host_id: str) -> dict[str, Any]:
        """The lots that suit a host best, exactly, each with the terms of its score."""
        _only_for(host_id)
        limit, after = query["limit"], rank_of(query["cursor"])
        found = rank_offers(
            host_id,
            limit=limit + 1,
            after=after and Position(*after),
            hosts=hosts,
            ranking=ranking,
            book=book,
            now=clock(),
        )
        rows = [offer_reply(ranked) for ranked in found]
        return page(rows, limit=limit, position=lambda row: str(Rank(row["score"], row["lot_id"])))

    @blueprint.get("/<host_id>/offers/<lot_id>")
    @needs(Permission.MATCHING_OFFER_READ)
    @blueprint.arguments(ExplainQuery, location="query")
    @blueprint.response(200, ExplainedOfferSchema)
    def explain_offer_view(query: dict[str, Any], host_id: str, lot_id: str) -> dict[str, Any]:
        """Why a lot is for a host, or every reason why it is not; by any model's weights."""
        _only_for(host_id)
        version = query["model"]
        return offer_reply(
            explain_offer(
                host_id,
                lot_id,
                model=ranking.model() if version is None else models.named(version),
                hosts=hosts,
                book=book,
                now=clock(),
            )
        )

    @blueprint.get("/<host_id>/offers/<lot_id>/why-not")
    @needs(Permission.MATCHING_OFFER_READ)
    @blueprint.response(200, WhyNotSchema)
    def explain_refusal_view(host_id: str, lot_id: str) -> dict[str, Any]:
        """Every rule that stops a lot and what would change it, or its place if none does."""
        _only_for(host_id)
        return why_not_reply(
            place_offer(
                host_id,
                lot_id,
                hosts=hosts,
                ranking=ranking,
                book=book,
                now=clock(),
            )
        )

    return blueprint


def _only_for(host_id: str) -> None:
    """Raise ``OffersOfAnotherHost`` unless the caller acts for this host or the platform."""
    caller = principal()
    if caller.organization_id != host_id and not caller.is_platform:
        raise OffersOfAnotherHost(f"the access token is not for {host_id}")
