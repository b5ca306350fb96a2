"""Whose money a fund holds."""

from __future__ import annotations

from services.payments.funds.documents import OfferFundDocument


def brand_of_fund(path: str) -> str | None:
    """The brand behind ``offer:{id}:fund``; None for an account of another kind."""
    match path.split(":"):
        case ["offer", offer_id, "fund"]:
            fund = OfferFundDocument.objects(pk=offer_id).only("brand_id").first()
            return fund and str(fund.brand_id)
        case _:
            return None
