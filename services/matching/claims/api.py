"""Claims over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of, tagged
from services.matching.claims.domain import Claim
from services.matching.claims.queries import ClaimLists
from services.matching.claims.schemas import (
    ClaimPage,
    ClaimSchema,
    ClaimsQuery,
    EligibilityQuery,
    EligibilitySchema,
    RequestClaimSchema,
    RequestKitSchema,
)
from services.matching.claims.use_cases import (
    Applicants,
    AskEligibility,
    Claims,
    KitBook,
    RequestClaim,
    RequestKit,
    Sagas,
    cancel_claim,
    claim_of_party,
    explain_eligibility,
    request_claim,
    request_kit,
)
from services.matching.holds.use_cases import HoldDesk
from services.matching.offers.use_cases import OfferBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What these routes work with."""

    claims: Claims
    lists: ClaimLists
    kits: KitBook
    book: OfferBook
    applicants: Applicants
    holds: HoldDesk
    sagas: Sagas
    clock: Clock
    ids: Ids


def claims_blueprint(counter: Counter) -> Blueprint:
    """Routes under ``/v1/claims``."""
    blueprint = Blueprint(
        "claims",
        __name__,
        url_prefix="/v1/claims",
        description="Hosts claim packs of a lot with the subsidy of an offer, or a kit whole",
    )
    _asking(blueprint, counter)
    _explaining(blueprint, counter)
    _reading(blueprint, counter)
    return blueprint


def _asking(blueprint: Blueprint, counter: Counter) -> None:
    """Add the routes by which a host asks for something."""

    @blueprint.post("")
    @blueprint.arguments(RequestClaimSchema)
    @blueprint.response(201, ClaimSchema)
    def request_claim_view(body: dict[str, Any]) -> Claim:
        """Claim packs and subsidy for a community of the caller's; read it for the outcome.

        Anybody who is logged in may ask, so that a shopper is told why not: ``hosts-only``.
        """
        caller = principal()
        command = RequestClaim(
            organization_id=caller.organization_id, organization_kind=caller.kind or "", **body
        )
        return tagged(
            request_claim(
                command,
                claims=counter.claims,
                book=counter.book,
                applicants=counter.applicants,
                holds=counter.holds,
                sagas=counter.sagas,
                ids=counter.ids,
                now=counter.clock(),
            )
        )

    @blueprint.post("/kits")
    @blueprint.arguments(RequestKitSchema)
    @blueprint.response(201, ClaimSchema)
    def request_kit_view(body: dict[str, Any]) -> Claim:
        """Claim a kit whole, on the terms its brands signed; read it for the outcome."""
        caller = principal()
        command = RequestKit(
            organization_id=caller.organization_id, organization_kind=caller.kind or "", **body
        )
        return tagged(
            request_kit(
                command,
                claims=counter.claims,
                kits=counter.kits,
                book=counter.book,
                applicants=counter.applicants,
                holds=counter.holds,
                sagas=counter.sagas,
                ids=counter.ids,
                now=counter.clock(),
            )
        )


def _explaining(blueprint: Blueprint, counter: Counter) -> None:
    """Add the route that tells a host beforehand whether she may have a subsidy."""

    @blueprint.get("/eligibility")
    @needs(Permission.MATCHING_CLAIM_MAKE)
    @blueprint.arguments(EligibilityQuery, location="query")
    @blueprint.response(200, EligibilitySchema)
    def explain_eligibility_view(query: dict[str, Any]) -> dict[str, Any]:
        """Which conditions of an offer a claim for a community of the caller's would meet."""
        question = AskEligibility(organization_id=principal().organization_id, **query)
        verdicts = explain_eligibility(question, book=counter.book, applicants=counter.applicants)
        return {
            "eligible": all(verdict.passes for verdict in verdicts),
            "clauses": [
                {**asdict(verdict.clause), "passes": verdict.passes} for verdict in verdicts
            ],
        }


def _reading(blueprint: Blueprint, counter: Counter) -> None:
    """Add the routes that show claims, and the one that ends one."""

    @blueprint.get("")
    @needs(Permission.MATCHING_CLAIM_READ)
    @blueprint.arguments(ClaimsQuery, location="query")
    @blueprint.response(200, ClaimPage)
    def list_claims_view(query: dict[str, Any]) -> dict[str, Any]:
        """The caller's claims, or those on its lots, latest first."""
        caller, limit = principal(), query["limit"]
        rows = counter.lists.of_party(
            None if caller.is_platform else caller.organization_id,
            status=query["status"],
            before=position_of(query["cursor"]),
            limit=limit + 1,
        )
        return page(rows, limit=limit, position=lambda claim: str(claim.id))

    @blueprint.get("/<claim_id>")
    @needs(Permission.MATCHING_CLAIM_READ)
    @blueprint.response(200, ClaimSchema)
    def read_claim_view(claim_id: str) -> Claim:
        """A claim of the caller's, or on one of its lots."""
        caller = principal()
        return tagged(
            claim_of_party(
                claim_id,
                caller.organization_id,
                is_platform=caller.is_platform,
                claims=counter.claims,
            )
        )

    @blueprint.post("/<claim_id>/cancellations")
    @needs(Permission.MATCHING_CLAIM_MAKE)
    @blueprint.response(200, ClaimSchema)
    def cancel_claim_view(claim_id: str) -> Claim:
        """Give packs and subsidy back while no gathering is planned on the claim."""
        host_id = principal().organization_id
        return tagged(
            cancel_claim(
                claim_id,
                host_id=host_id,
                claims=counter.claims,
                sagas=counter.sagas,
                now=counter.clock(),
            )
        )
