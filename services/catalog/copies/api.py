"""Copy claims over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, done_first, first, needs, page, position_of, tagged
from chassis.web.sheets import wants_page
from services.catalog.cartridges.use_cases import Cartridges
from services.catalog.copies import adapters
from services.catalog.copies.domain import CopyClaim, Ruling
from services.catalog.copies.queries import CopyLists
from services.catalog.copies.schemas import (
    CopyClaimPage,
    CopyClaimQuery,
    CopyClaimSchema,
    CopyWordsSchema,
    OpenCopyClaimSchema,
    RuleOnCopySchema,
)
from services.catalog.copies.use_cases import (
    Copies,
    OpenCopyClaim,
    answer_copy_claim,
    appeal_copy_claim,
    of_party,
    open_copy_claim,
    rule_on_copy_claim,
    weigh_copy_claim,
)
from services.catalog.similarity.use_cases import Prints


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """What these routes work with."""

    copies: Copies
    lists: CopyLists
    cartridges: Cartridges
    prints: Prints
    clock: Clock


def copies_blueprint(court: Court) -> Blueprint:
    """Routes under ``/v1/copy-claims``."""
    blueprint = Blueprint(
        "copies", __name__, url_prefix="/v1/copy-claims", description="Whose theme it is"
    )
    _speaking(blueprint, court)
    _reading(blueprint, court)
    return blueprint


def _speaking(blueprint: Blueprint, court: Court) -> None:
    def weigh() -> OpenCopyClaim:
        body = blueprint.ARGUMENTS_PARSER.parse(OpenCopyClaimSchema(), location="json")
        return weigh_copy_claim(
            principal().organization_id,
            **body,
            cartridges=court.cartridges,
            prints=court.prints,
        )

    @blueprint.post("")
    @needs(Permission.CATALOG_COPY_CLAIM)
    @first(weigh)
    @blueprint.arguments(OpenCopyClaimSchema)
    @blueprint.response(201, CopyClaimSchema)
    def open_copy_claim_view(_body: dict[str, str]) -> CopyClaim:
        """Say that a version copies one of yours; its royalties are held until it is decided."""
        return tagged(open_copy_claim(done_first(), copies=court.copies, now=court.clock()))

    @blueprint.post("/<copy_claim_id>/answers")
    @needs(Permission.CATALOG_COPY_CLAIM)
    @blueprint.arguments(CopyWordsSchema)
    @blueprint.response(201, CopyClaimSchema)
    def answer_copy_claim_view(body: dict[str, str], copy_claim_id: str) -> CopyClaim:
        """Answer a claim on your version, within 14 days."""
        by, now = principal().organization_id, court.clock()
        return tagged(
            answer_copy_claim(copy_claim_id, body["text"], by=by, copies=court.copies, now=now)
        )

    @blueprint.post("/<copy_claim_id>/appeals")
    @needs(Permission.CATALOG_COPY_CLAIM)
    @blueprint.arguments(CopyWordsSchema)
    @blueprint.response(201, CopyClaimSchema)
    def appeal_copy_claim_view(body: dict[str, str], copy_claim_id: str) -> CopyClaim:
        """Ask another reviewer, once, within 14 days of a ruling against you."""
        by, now = principal().organization_id, court.clock()
        return tagged(
            appeal_copy_claim(copy_claim_id, body["text"], by=by, copies=court.copies, now=now)
        )

    @blueprint.post("/<copy_claim_id>/rulings")
    @needs(Permission.CATALOG_COPY_RULE)
    @blueprint.arguments(RuleOnCopySchema)
    @blueprint.response(201, CopyClaimSchema)
    def rule_on_copy_claim_view(body: dict[str, Any], copy_claim_id: str) -> CopyClaim:
        """Rule on a claim or on its appeal, with reasons and by name."""
        ruling = Ruling(reviewer_id=principal().subject, ruled_at=court.clock(), **body)
        return tagged(
            rule_on_copy_claim(
                copy_claim_id, ruling, copies=court.copies, cartridges=court.cartridges
            )
        )


def _reading(blueprint: Blueprint, court: Court) -> None:
    @blueprint.get("")
    @blueprint.arguments(CopyClaimQuery, location="query")
    @blueprint.response(200, CopyClaimPage)
    def list_copy_claims_view(query: dict[str, Any]) -> dict[str, Any]:
        """The claims that the caller's organisation has a part in; the platform reads all."""
        limit = query["limit"]
        rows = court.lists.claims(
            _party(),
            state=query["state"],
            after=position_of(query["cursor"]),
            limit=limit + 1,
        )
        return page(rows, limit=limit, position=lambda claim: claim.id)

    @blueprint.get("/<copy_claim_id>")
    @blueprint.response(200, CopyClaimSchema)
    def read_copy_claim_view(copy_claim_id: str) -> CopyClaim | Response:
        """All that was said and decided, for both authors; a page where one is wanted."""
        claim = of_party(copy_claim_id, _party(), copies=court.copies)
        return adapters.page(claim) if wants_page() else tagged(claim)


def _party() -> str | None:
    """The caller's organisation, or None for the platform."""
    caller = principal()
    return None if caller.is_platform else caller.organization_id
