"""Naming rights over HTTP."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.payments.naming.domain import NamingRights, NamingRightsNotFound
from services.payments.naming.schemas import BuyNamingRightsSchema, NamingRightsReply
from services.payments.naming.use_cases import (
    BuyNamingRights,
    Intentions,
    NamingRightsBook,
    accept_naming_rights,
    buy_naming_rights,
    end_naming_rights,
)


def naming_blueprint(
    naming: NamingRightsBook, intentions: Intentions, clock: Clock, ids: Ids
) -> Blueprint:
    """Routes under ``/v1/naming-rights``."""
    blueprint = Blueprint(
        "naming-rights",
        __name__,
        url_prefix="/v1/naming-rights",
        description="A brand's name on a host's next gatherings, earned one by one",
    )

    def theirs(naming_rights_id: str) -> NamingRights:
        """The package, if the caller is its brand, its host or the platform."""
        rights, caller = naming.get(naming_rights_id), principal()
        if not caller.is_platform and caller.organization_id not in {
            rights.brand_id,
            rights.host_id,
        }:
            raise NamingRightsNotFound(f"no naming rights {naming_rights_id}")
        return rights

    @blueprint.post("")
    @needs(Permission.PAYMENTS_NAMING_BUY)
    @blueprint.arguments(BuyNamingRightsSchema)
    @blueprint.response(201, NamingRightsReply)
    def propose_naming_rights(body: dict[str, Any]) -> NamingRights:
        """Offer a host a price for the brand's name on its next gatherings."""
        command = BuyNamingRights(brand_id=principal().organization_id, **body)
        return buy_naming_rights(command, naming=naming, ids=ids)

    @blueprint.post("/<naming_rights_id>/acceptances")
    @needs(Permission.PAYMENTS_NAMING_ACCEPT)
    @blueprint.response(200, NamingRightsReply)
    def post_acceptance(naming_rights_id: str) -> NamingRights:
        """Agree as the host; the brand's money may then arrive."""
        theirs(naming_rights_id)
        return accept_naming_rights(
            naming_rights_id, host_id=principal().organization_id, naming=naming, now=clock()
        )

    @blueprint.post("/<naming_rights_id>/endings")
    @needs(Permission.PAYMENTS_NAMING_BUY)
    @blueprint.response(202, NamingRightsReply)
    def post_ending(naming_rights_id: str) -> NamingRights:
        """End the package as the brand; what was not earned comes back."""
        theirs(naming_rights_id)
        return end_naming_rights(naming_rights_id, naming=naming, intentions=intentions)

    @blueprint.get("/<naming_rights_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, NamingRightsReply)
    def read_naming_rights(naming_rights_id: str) -> NamingRights:
        """Read a package, as its brand, its host or the platform."""
        return theirs(naming_rights_id)

    return blueprint
