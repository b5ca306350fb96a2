"""What the platform's operator reads at the end: the books, the claims, who holds what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from teahouse.demo.journey.opening import CURRENCY
from teahouse.demo.journey.parties import Party

PROVIDER = "external:provider"


class Operator:
    """Reads everything over HTTP, as the platform may."""

    def __init__(self, party: Party) -> None:
        self._party = party

    def trial_balance_minor(self) -> int:
        """The sum of all balances, which is zero when the books are right.

        Currencies are added up by size, so that two wrong ones cannot hide each other.
        """
        answer = self._party.get("payments", "/v1/trial-balance")
        return sum(abs(line["sum"]["minor"]) for line in answer["currencies"])

    def balance(self, path: str) -> int:
        """What an account holds, in fen; an account nobody has used yet holds nothing."""
        answer = self._party.get("payments", f"/v1/accounts/{path}")
        own = [row for row in answer["balances"] if row["currency"] == CURRENCY]
        return sum(row["posted"]["minor"] for row in own)

    def balances(self, paths: Collection[str]) -> dict[str, int]:
        """What several accounts hold, in fen."""
        return {path: self.balance(path) for path in paths}

    def export(self) -> str:
        """The whole ledger, one segment a line."""
        return str(self._party.get("payments", "/v1/ledger/export"))

    def claims_of(self, hosts: Collection[str]) -> list[dict[str, Any]]:
        """Every claim of these hosts, in its final state."""
        every = self._party.every("matching", "/v1/claims?limit=100")
        return [claim for claim in every if claim["host_id"] in hosts]

    def explanations(self, settlement_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Every leg of these settlements with its reason, by settlement."""
        return {
            settlement_id: self._party.get(
                "payments", f"/v1/settlements/{settlement_id}/explanation"
            )["lines"]
            for settlement_id in settlement_ids
        }

    def lot(self, lot_id: str) -> dict[str, Any]:
        """How a lot stands."""
        found: dict[str, Any] = self._party.get("catalog", f"/v1/lots/{lot_id}")
        return found
