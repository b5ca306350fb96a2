"""Offers for a host over HTTP: parse, call one use case, dump."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from flask import Response

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, cursor_of, needs, position_of
from chassis.web.pages import CursorMalformed
from chassis.web.single_file import SingleFile
from services.matching.exposures.use_cases import Exposures
from services.matching.offers.domain import OffersOfAnotherHost
from services.matching.offers.engine.listing import Bookmark
from services.matching.offers.engine.search import Position
from services.matching.offers.schemas import (
    ExplainedOfferSchema,
    ExplainQuery,
    OfferPage,
    OffersQuery,
    WhyNotSchema,
    explained_offer_reply,
    listed_offer_reply,
    why_not_reply,
)
from services.matching.offers.use_cases import (
    HostBook,
    OfferBook,
    OfferList,
    Ranking,
    RankingModels,
    explain_offer,
    exposure_of,
    place_offer,
    rank_offers,
)

SEED_OCTETS, HOUR_SECONDS = 4, 3600
SEAL_LENGTH = 16


Seeds = Callable[[str, datetime], int]
"""What the list of a host is drawn by at a moment."""


def hourly(key: bytes) -> Seeds:
    """Another seed each hour for each host, which nobody can tell beforehand without the key.

    Within the hour her list stays as it is, as far as the lots do, however often she looks.
    """

    def seed(host_id: str, now: datetime) -> int:
        said = f"seed of offers:{host_id}:{int(now.timestamp()) // HOUR_SECONDS}".encode()
        return int.from_bytes(hmac.digest(key, said, "sha256")[:SEED_OCTETS])

    return seed


class Showing(NamedTuple):
    """What is drawn for a list, and where it is noted what it showed.

    By ``key`` cursors are sealed, the same in every replica; without one none is.
    """

    seed: Seeds
    exposures: Exposures
    ids: Ids
    key: bytes = b""

    def seal(self, position: str, host_id: str) -> str:
        """What only we can say of a position in the list of this host."""
        said = f"cursor of offers:{host_id}:{position}".encode()
        return hmac.digest(self.key, said, "sha256").hex()[:SEAL_LENGTH] if self.key else ""

    def knows(self, cursor: str, host_id: str) -> bool:
        """Whether a cursor was given to this host, as it is: only then is its page evidence."""
        position, _, seal = (position_of(cursor) or "").rpartition(":")
        return bool(self.key) and hmac.compare_digest(seal, self.seal(position, host_id))


def offers_blueprint(
    ranking: Ranking,
    models: RankingModels,
    book: OfferBook,
    hosts: HostBook,
    showing: Showing,
    clock: Clock,
) -> Blueprint:
    """Routes under ``/v1/hosts/{host_id}/offers``."""
    blueprint = Blueprint(
        "offers",
        __name__,
        url_prefix="/v1/hosts",
        description="What brands have on offer, ranked for one host and explained",
    )

    single_file = SingleFile()

    @blueprint.get("/<host_id>/offers")
    @needs(Permission.MATCHING_OFFER_READ)
    @blueprint.arguments(OffersQuery, location="query")
    @blueprint.response(200, OfferPage)
    def rank_offers_view(query: dict[str, Any], host_id: str) -> Response:
        """The lots that suit a host best, varied, each with the terms of its score.

        One of the first ten places, where as many are asked for, is that of an untried lot: new,
        and claimed by nobody yet, drawn by the seed.
        """
        _only_for(host_id)
        now, cursor = clock(), query["cursor"]
        is_known = not cursor or showing.knows(cursor, host_id)
        with single_file.kept():
            found = rank_offers(
                host_id,
                limit=query["limit"],
                seed=showing.seed(host_id, now),
                after=_bookmark_of(cursor),
                hosts=hosts,
                ranking=ranking,
                book=book,
                now=now,
            )
            if found.offers and is_known and principal().organization_id == host_id:
                showing.exposures.note(exposure_of(found, showing.ids("exp"), host_id, now))
            # What follows a page that was made up is made up as well.
            return _page_of(
                found, lambda position: showing.seal(position, host_id) if is_known else ""
            )

    @blueprint.get("/<host_id>/offers/<lot_id>")
    @needs(Permission.MATCHING_OFFER_READ)
    @blueprint.arguments(ExplainQuery, location="query")
    @blueprint.response(200, ExplainedOfferSchema)
    def explain_offer_view(query: dict[str, Any], host_id: str, lot_id: str) -> Response:
        """Why a lot is for a host, or every reason why it is not; by any model's weights."""
        _only_for(host_id)
        version = query["model"]
        found = explain_offer(
            host_id,
            lot_id,
            model=ranking.model() if version is None else models.named(version),
            hosts=hosts,
            book=book,
            now=clock(),
        )
        return _json(explained_offer_reply(found))

    @blueprint.get("/<host_id>/offers/<lot_id>/why-not")
    @needs(Permission.MATCHING_OFFER_READ)
    @blueprint.response(200, WhyNotSchema)
    def explain_refusal_view(host_id: str, lot_id: str) -> dict[str, Any]:
        """What stops a lot and what would change it; or its place, or why it has none."""
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


def _page_of(found: OfferList, seal: Callable[[str], str]) -> Response:
    """What ``OfferPage`` describes."""
    return _json(
        {
            "items": [listed_offer_reply(ranked) for ranked in found.offers],
            "next_cursor": found.next and _cursor_after(found.next, seal),
            "model": found.model,
            "seed": found.seed,
        }
    )


def _json(body: dict[str, Any]) -> Response:
    """An answer written at once: to dump it by its schema takes longer than to find it."""
    return Response(msgspec.json.encode(body), mimetype="application/json")


def _cursor_after(mark: Bookmark, seal: Callable[[str], str]) -> str:
    """The cursor that ``_bookmark_of`` reads."""
    score, lot_id = mark.position
    position = f"{score}:{lot_id}:{mark.shown}:{mark.seed}:{mark.explored}"
    return cursor_of(f"{position}:{seal(position)}")


def _bookmark_of(cursor: str | None) -> Bookmark | None:
    """Unwrap a cursor of this list, sealed or not; raise ``CursorMalformed`` for others."""
    position = position_of(cursor)
    if position is None:
        return None
    found = _BOOKMARK.fullmatch(position)
    if found is None:
        raise CursorMalformed(f"not a cursor of this list: {position[:40]!r}")
    score, lot_id, shown, seed, explored = found.groups()
    return Bookmark(Position(int(score), lot_id), int(shown), int(seed), explored)


_BOOKMARK = re.compile(r"(-?\d{1,15}):(\w+):(\d{1,6}):(\d{1,15}):(\w*):[0-9a-f]*", re.ASCII)
"""No list is longer than a million lots."""
