"""How matching's facts about a gathering become takings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chassis.kernel.money import Money
from services.payments.ledger.use_cases import Ledger
from services.payments.sales.domain import Sale


class Sales(Protocol):
    """The sales, wherever they are kept, and which gatherings make no more of them."""

    def find(self, sale_ids: Sequence[str]) -> dict[str, Sale]:
        """Those there are, by id."""
        ...

    def of(self, gathering_id: str) -> list[Sale]:
        """All of a gathering, oldest first."""
        ...

    def claim(self, gathering_id: str) -> list[Sale]:
        """All of a gathering, oldest first, for a decision that goes by what is left of them.

        Whoever changes one of them at the same time sees the decision, or is seen by it.
        """
        ...

    def save(self, sale: Sale) -> None:
        """Store it, or raise ``Conflict``."""
        ...

    def close(self, gathering_id: str) -> None:
        """Know that every sale of this gathering has been heard of."""
        ...

    def is_closed(self, gathering_id: str) -> bool:
        """Whether every sale of this gathering has been heard of."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSale:
    """A guest bought something."""

    gathering_id: str
    sale_id: str
    amount: Money

    def sale(self) -> Sale:
        """The sale it records."""
        nothing = Money(0, self.amount.currency)
        return Sale(self.sale_id, self.gathering_id, self.amount, nothing)


def book_sales(commands: Sequence[RecordSale], *, ledger: Ledger) -> None:
    """Book what guests paid; booking it again changes nothing."""
    for outcome in ledger.submit([command.sale().entry() for command in commands]):
        outcome.or_raise()


def record_sales(commands: Sequence[RecordSale], *, sales: Sales) -> None:
    """Remember the sales for the settlement."""
    known = sales.find([command.sale_id for command in commands])
    for command in commands:
        if command.sale_id not in known:
            sales.save(command.sale())
