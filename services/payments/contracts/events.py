"""What becomes known about share contracts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractPublished(DomainEvent):
    """A version that every party has signed and whose examples came out as it says is in force.

    ``claim_id`` is empty for a contract that was not made by a claim.
    """

    type: ClassVar[str] = "payments.contract.published.v1"
    contract_id: str
    claim_id: str
    version: int
    digest: str

    @property
    def subject(self) -> str:
        """The contract."""
        return self.contract_id
