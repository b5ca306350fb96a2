"""Funds for lists, whose money they hold, and what their owners should know."""

from __future__ import annotations

from services.payments.funds.documents import FundWatchDocument, OfferFundDocument
from services.payments.funds.domain import OfferFund
from services.payments.funds.events import watch_id
from services.payments.funds.repositories import to_fund
from services.payments.statements.engine.words import Why

_LOW = Why(
    "The fund is low: claims that need more than it has are refused until it is filled.",
    "补贴基金余额不足：所需超过余额的认领会被拒绝，请及时充值。",
)


def brand_of_fund(path: str) -> str | None:
    """The brand behind ``offer:{id}:fund``; None for an account of another kind."""
    match path.split(":"):
        case ["offer", offer_id, "fund"]:
            fund = OfferFundDocument.objects(pk=offer_id).only("brand_id").first()
            return fund and str(fund.brand_id)
        case _:
            return None


def funds_page(*, brand_id: str | None, after: str | None, limit: int) -> list[OfferFund]:
    """Up to ``limit + 1`` funds by their offers' ids, of one brand or of all."""
    found = OfferFundDocument.objects
    if brand_id is not None:
        found = found(brand_id=brand_id)
    if after is not None:
        found = found(id__gt=after)
    return [to_fund(document) for document in found.order_by("id").limit(limit + 1)]


def notice_of(path: str) -> Why | None:
    """What the owner of an account should know of it: that a fund is low."""
    match path.split(":"):
        case ["offer", offer_id, "fund"]:
            watch = FundWatchDocument.objects(pk=watch_id(offer_id)).only("low_since").first()
            return _LOW if watch is not None and watch.low_since else None
        case _:
            return None
