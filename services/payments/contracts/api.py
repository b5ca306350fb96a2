"""Share contracts over HTTP."""

from __future__ import annotations

from chassis.auth import principal
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.payments.contracts.domain import ContractNotFound, ShareContract
from services.payments.contracts.schemas import ShareContractReply
from services.payments.contracts.use_cases import Contracts


def contracts_blueprint(contracts: Contracts) -> Blueprint:
    """Routes under ``/v1/share-contracts``."""
    blueprint = Blueprint(
        "share-contracts",
        __name__,
        url_prefix="/v1/share-contracts",
        description="What brand and host agreed on, frozen when the claim was made",
    )

    @blueprint.get("/<contract_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, ShareContractReply)
    def read_contract(contract_id: str) -> ShareContract:
        """Read a contract; only its brands, its host and the platform may."""
        contract = contracts.get(contract_id)
        caller = principal()
        if not caller.is_platform and caller.organization_id not in {
            *contract.brand_ids,
            contract.host_id,
        }:
            raise ContractNotFound(f"no contract {contract_id}")
        return contract

    return blueprint
