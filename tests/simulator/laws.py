"""How a law is broken, and figures that more than one law is about."""

from __future__ import annotations

from collections.abc import Sequence

from services.payments.settlements.domain import Refund, RefundState, Settlement
from services.payments.settlements.use_cases import Books


class Broken(AssertionError):
    """A law of the books was broken; the message says which."""


def require(condition: object, law: str) -> None:
    """Raise ``Broken`` unless it holds."""
    if not condition:
        raise Broken(law)


def booked_refunds(books: Books, settlement: Settlement) -> list[Refund]:
    """What was taken back from a settlement's shares."""
    return [
        refund
        for refund in books.refunds.by_id.values()
        if refund.settlement_id == settlement.id and refund.state is RefundState.BOOKED
    ]


def net_shares(settlement: Settlement, refunds: Sequence[Refund]) -> list[int]:
    """What each party of a settlement has after its refunds, in minor units."""
    net = list(settlement.shares)
    for refund in refunds:
        net = [share + back for share, back in zip(net, refund.shares, strict=True)]
    return net
