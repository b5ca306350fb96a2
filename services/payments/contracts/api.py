"""Share contracts over HTTP."""

from __future__ import annotations

from typing import Any

from chassis.auth import Principal, principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, keyless, needs
from services.payments.contracts.domain import ShareContract, Simulation
from services.payments.contracts.schemas import (
    ContractBodySchema,
    ShareContractReply,
    SignContractSchema,
    SimulateSchema,
    SimulationReply,
)
from services.payments.contracts.use_cases import (
    Contracts,
    Trial,
    draft_contract,
    propose_version,
    publish_contract,
    seen,
    sign_contract,
    try_contract,
)
from sharing.terms import PLATFORM


def contracts_blueprint(contracts: Contracts, clock: Clock, ids: Ids) -> Blueprint:
    """Routes under ``/v1/share-contracts``."""
    blueprint = Blueprint(
        "share-contracts",
        __name__,
        url_prefix="/v1/share-contracts",
        description="Who gets what part of a gathering, as its parties signed it",
    )

    @blueprint.post("")
    @needs(Permission.PAYMENTS_CONTRACT_DRAFT)
    @blueprint.arguments(ContractBodySchema)
    @blueprint.response(201, ShareContractReply)
    def post_contract(body: dict[str, Any]) -> ShareContract:
        """Draft a contract as one of those whom it binds."""
        return draft_contract(
            body["contract"], by=_me(principal()), contracts=contracts, ids=ids, now=clock()
        )

    @blueprint.get("/<contract_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, ShareContractReply)
    def read_contract(contract_id: str) -> ShareContract:
        """Read a contract; only its parties and the platform may."""
        return seen(contract_id, _me(principal()), contracts=contracts)

    @blueprint.post("/<contract_id>/versions")
    @needs(Permission.PAYMENTS_CONTRACT_DRAFT)
    @blueprint.arguments(ContractBodySchema)
    @blueprint.response(201, ShareContractReply)
    def post_version(body: dict[str, Any], contract_id: str) -> ShareContract:
        """Draft the next version; only those whom it changes something for must sign again."""
        return propose_version(
            contract_id, body["contract"], by=_me(principal()), contracts=contracts, now=clock()
        )

    @blueprint.post("/<contract_id>/signatures")
    @needs(Permission.PAYMENTS_CONTRACT_SIGN)
    @blueprint.arguments(SignContractSchema)
    @blueprint.response(201, ShareContractReply)
    def post_contract_signature(body: dict[str, Any], contract_id: str) -> ShareContract:
        """Agree to the latest version by its digest."""
        return sign_contract(
            contract_id, body["digest"], by=_me(principal()), contracts=contracts, now=clock()
        )

    @blueprint.post("/<contract_id>/publications")
    @needs(Permission.PAYMENTS_CONTRACT_SIGN)
    @blueprint.response(201, ShareContractReply)
    def post_publication(contract_id: str) -> ShareContract:
        """Run the examples of the latest version and put it in force."""
        return publish_contract(contract_id, by=_me(principal()), contracts=contracts, now=clock())

    @blueprint.post("/<contract_id>/simulate")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @keyless
    @blueprint.arguments(SimulateSchema)
    @blueprint.response(200, SimulationReply)
    def post_simulation(trial: Trial, contract_id: str) -> Simulation:
        """Tell what would be booked of these sales and refunds, by the code that books."""
        return try_contract(contract_id, trial, by=_me(principal()), contracts=contracts)

    return blueprint


def _me(caller: Principal) -> str:
    """The party that the caller speaks for."""
    return PLATFORM if caller.is_platform else caller.organization_id
