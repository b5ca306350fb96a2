"""Deposits over HTTP."""

from __future__ import annotations

from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, id_by_key, keyed, needs
from services.payments.funds.domain import Deposit
from services.payments.funds.schemas import DepositReply, RecordDepositSchema
from services.payments.funds.use_cases import (
    Deposits,
    OfferFunds,
    RecordDeposit,
    record_deposit,
)
from services.payments.naming.use_cases import Intentions, NamingRightsBook


def deposits_blueprint(
    deposits: Deposits,
    funds: OfferFunds,
    naming: NamingRightsBook,
    intentions: Intentions,
    clock: Clock,
) -> Blueprint:
    """Routes under ``/v1/deposits``."""
    blueprint = Blueprint(
        "deposits",
        __name__,
        url_prefix="/v1/deposits",
        description="Money that arrived at the provider, recorded by the platform",
    )

    @blueprint.post("")
    @needs(Permission.PAYMENTS_DEPOSIT_RECORD)
    @keyed
    @blueprint.arguments(RecordDepositSchema)
    @blueprint.response(202, DepositReply)
    def post_deposit(command: RecordDeposit) -> Deposit:
        """Record money that arrived for an offer or for naming rights.

        The same key is the same deposit for ever, answered as it is by then.
        """
        return record_deposit(
            command,
            funds=funds,
            naming=naming,
            deposits=deposits,
            intentions=intentions,
            deposit_id=id_by_key("dep"),
            now=clock(),
        )

    @blueprint.get("/<deposit_id>")
    @needs(Permission.PAYMENTS_DEPOSIT_RECORD)
    @blueprint.response(200, DepositReply)
    def read_deposit(deposit_id: str) -> Deposit:
        """Read a deposit; it is ``booked`` once the ledger holds it."""
        return deposits.get(deposit_id)

    return blueprint
