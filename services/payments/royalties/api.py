"""Royalty holds over HTTP."""

from __future__ import annotations

from chassis.auth import principal
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.payments.royalties.domain import RoyaltyHold, RoyaltyHoldNotFound
from services.payments.royalties.schemas import RoyaltyHoldReply
from services.payments.royalties.use_cases import Royalties


def royalties_blueprint(royalties: Royalties) -> Blueprint:
    """Routes under ``/v1/royalty-holds``."""
    blueprint = Blueprint(
        "royalty-holds",
        __name__,
        url_prefix="/v1/royalty-holds",
        description="Royalties that wait for the ruling on a copy claim",
    )

    @blueprint.get("/<copy_claim_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, RoyaltyHoldReply)
    def read_royalty_hold(copy_claim_id: str) -> RoyaltyHold:
        """Read what is held for a copy claim; only who may get it and the platform may."""
        hold, caller = royalties.get(copy_claim_id), principal()
        if not caller.is_platform and not hold.involves(caller.organization_id):
            raise RoyaltyHoldNotFound(f"nothing is held for {copy_claim_id}")
        return hold

    return blueprint
