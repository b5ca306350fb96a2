"""Where share contracts are kept."""

from __future__ import annotations

from typing import Protocol

from services.payments.contracts.domain import ShareContract


class Contracts(Protocol):
    """The share contracts, wherever they are kept."""

    def get(self, contract_id: str) -> ShareContract:
        """Raise ``ContractNotFound`` rather than return None."""
        ...

    def add(self, contract: ShareContract) -> None:
        """Keep a contract for ever; keeping the same one again does nothing."""
        ...
