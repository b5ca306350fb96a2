"""The port through which all of payments books its entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.payments.ledger.domain import EntryRequest, Outcome


class Ledger(Protocol):
    """The books, wherever their one writer runs."""

    def submit(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """Book entries in the order given and answer one outcome for each.

        Each stands or falls alone; put into one entry what must stand together. Returns
        when all that stands is durable. Raises ``LedgerUnavailable`` when that cannot be
        told in time: submit the same again, the ids make it safe. It may go over the
        network, so call it outside a transaction.
        """
        ...
