"""Deposits and funds over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.money import Money
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of
from chassis.web.schemas import PageQuery
from services.payments.funds.domain import Deposit, OfferFund
from services.payments.funds.schemas import (
    DepositReply,
    FundReply,
    FundsPage,
    RecordDepositSchema,
    SetThresholdSchema,
    shown_fund,
)
from services.payments.funds.use_cases import (
    Deposits,
    FundWatches,
    OfferFunds,
    RecordDeposit,
    own_fund,
    record_deposit,
    set_threshold,
)
from services.payments.naming.use_cases import Intentions, NamingRightsBook


def deposits_blueprint(
    deposits: Deposits,
    funds: OfferFunds,
    naming: NamingRightsBook,
    intentions: Intentions,
    clock: Clock,
    ids: Ids,
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
    @blueprint.arguments(RecordDepositSchema)
    @blueprint.response(202, DepositReply)
    def post_deposit(command: RecordDeposit) -> Deposit:
        """Record money that arrived for an offer or for naming rights."""
        return record_deposit(
            command,
            funds=funds,
            naming=naming,
            deposits=deposits,
            intentions=intentions,
            ids=ids,
            now=clock(),
        )

    @blueprint.get("/<deposit_id>")
    @needs(Permission.PAYMENTS_DEPOSIT_RECORD)
    @blueprint.response(200, DepositReply)
    def read_deposit(deposit_id: str) -> Deposit:
        """Read a deposit; it is ``booked`` once the ledger holds it."""
        return deposits.get(deposit_id)

    return blueprint


def funds_blueprint(
    funds: OfferFunds,
    watches: FundWatches,
    list_funds: Callable[..., list[OfferFund]],
    clock: Clock,
) -> Blueprint:
    """Routes under ``/v1/funds``: a brand's own, and all for the platform."""
    blueprint = Blueprint(
        "funds", __name__, url_prefix="/v1/funds", description="What offers' funds have left"
    )

    def whose() -> str | None:
        caller = principal()
        return None if caller.is_platform else caller.organization_id

    def shown(fund: OfferFund) -> dict[str, Any]:
        return shown_fund(fund, watches.now(fund))

    @blueprint.get("")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, FundsPage)
    def read_funds(query: dict[str, Any]) -> dict[str, Any]:
        """List the funds of the caller's offers, and which of them are low."""
        after = position_of(query["cursor"])
        found = list_funds(brand_id=whose(), after=after, limit=query["limit"])
        listed = page(found, limit=query["limit"], position=lambda fund: fund.id)
        return {**listed, "items": [shown(fund) for fund in listed["items"]]}

    @blueprint.get("/<offer_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, FundReply)
    def read_fund(offer_id: str) -> dict[str, Any]:
        """Read what a fund has left, and whether it is low."""
        return shown(own_fund(offer_id, whose(), funds=funds))

    @blueprint.put("/<offer_id>/threshold")
    @needs(Permission.PAYMENTS_FUND_WATCH)
    @blueprint.arguments(SetThresholdSchema)
    @blueprint.response(200, FundReply)
    def put_threshold(body: dict[str, Money | None], offer_id: str) -> dict[str, Any]:
        """Say below what the fund is low; null for what the next three claims would take."""
        fund = own_fund(offer_id, whose(), funds=funds)
        watch = set_threshold(fund, body["threshold"], watches=watches, now=clock())
        return shown_fund(fund, watch)

    return blueprint
