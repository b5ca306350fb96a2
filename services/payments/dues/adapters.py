"""Balances as they have been projected from the log."""

from __future__ import annotations

from services.payments.ledger.queries import LedgerQueries


class ProjectedBalances:
    """The ``Balances`` port over the projected accounts."""

    def __init__(self, books: LedgerQueries) -> None:
        self._books = books

    def available(self, path: str, currency: str) -> int:
        """See ``Balances.available``."""
        rows = self._books.account(path)["balances"]
        return sum(row["available"]["minor"] for row in rows if row["currency"] == currency)
