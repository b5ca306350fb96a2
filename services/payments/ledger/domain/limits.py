"""Between which bounds an account's money may stand."""

from __future__ import annotations

from dataclasses import dataclass

from services.payments.ledger.domain.accounts import floor_of
from services.payments.ledger.domain.refusals import EntryMalformed
from services.payments.ledger.engine.columns import MAX_AMOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """New bounds of an account in minor units: no floor is as the chart has it, no ceiling none.

    ``version`` counts the changes of the account's limits, from one; each names the next.
    Only an organisation's own accounts may be given credit, that is, a floor below zero.
    Raises ``EntryMalformed`` or ``AccountNotInChart``.
    """

    account: str
    currency: str
    version: int
    floor: int | None = None
    ceiling: int | None = None

    def __post_init__(self) -> None:
        chart = floor_of(self.account)
        for name, bound in (("floor", self.floor), ("ceiling", self.ceiling)):
            whole = bound is None or (type(bound) is int and abs(bound) <= MAX_AMOUNT)
            if not whole:
                raise EntryMalformed(f"limits: {name} {bound!r}", field="limits")
        if type(self.version) is not int or not 0 < self.version < 1 << 32:
            raise EntryMalformed(f"limits: version {self.version!r}", field="limits")
        lowest = min(chart, 0) if not self.account.startswith("org:") else -MAX_AMOUNT
        if self.floor is not None and self.floor < lowest:
            raise EntryMalformed(f"limits: no credit for {self.account}", field="limits")

    @property
    def credit(self) -> int:
        """How far below zero the account may fall."""
        return max(0, -(self.floor or 0))
