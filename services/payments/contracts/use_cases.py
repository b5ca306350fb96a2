"""What is done with share contracts: drafted, signed, published, tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import RuleBroken
from chassis.kernel.ids import Ids
from services.payments.contracts.domain import (
    ContractNotFound,
    ShareContract,
    Simulation,
    draft,
    simulate,
)
from sharing.dividing import Heads


class RefundsExceedSales(RuleBroken):
    """More would be refunded than was sold."""

    code = "refunds-exceed-sales"
    hint = "Let the refunds come to no more than the sales."
    chinese = "退款总额不得超过销售总额。"


class Contracts(Protocol):
    """The share contracts, wherever they are kept."""

    def get(self, contract_id: str) -> ShareContract:
        """Raise ``ContractNotFound`` rather than return None."""
        ...

    def add(self, contract: ShareContract) -> None:
        """Keep a claim's contract for ever; keeping the same one again does nothing."""
        ...

    def save(self, decision: Decision[ShareContract]) -> ShareContract:
        """Store the state and its events together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Sales and refunds to try a contract with; of the latest version if none is named.

    ``subsidy`` is what the claim would have in escrow, in minor units.
    """

    version: int | None = None
    sales: Sequence[int] = ()
    refunds: Sequence[int] = ()
    heads: int = 0
    heads_wanted: int = 0
    present: Mapping[str, Sequence[str]] = field(default_factory=dict)
    royalties: Mapping[str, int] | None = None
    subsidy: int = 0


def draft_contract(
    data: Mapping[str, Any], *, by: str, contracts: Contracts, ids: Ids, now: datetime
) -> ShareContract:
    """Begin a contract; everybody whom it binds must sign it before it counts."""
    return contracts.save(draft(ids("ctr"), data, by=by, at=now))


def propose_version(
    contract_id: str, data: Mapping[str, Any], *, by: str, contracts: Contracts, now: datetime
) -> ShareContract:
    """Draft the next version of a contract, as one of its parties."""
    return contracts.save(seen(contract_id, by, contracts=contracts).propose(data, by=by, at=now))


def sign_contract(
    contract_id: str, digest: str, *, by: str, contracts: Contracts, now: datetime
) -> ShareContract:
    """Agree to the latest version; signing it again changes nothing."""
    contract = seen(contract_id, by, contracts=contracts)
    return _saved(contract.sign(digest, by=by, at=now), contract, contracts)


def publish_contract(
    contract_id: str, *, by: str, contracts: Contracts, now: datetime
) -> ShareContract:
    """Put the latest version in force; doing it again changes nothing."""
    contract = seen(contract_id, by, contracts=contracts)
    return _saved(contract.publish(by=by, at=now), contract, contracts)


def try_contract(contract_id: str, trial: Trial, *, by: str, contracts: Contracts) -> Simulation:
    """What a version would book of these sales and refunds; nothing is booked."""
    if sum(trial.refunds) > sum(trial.sales):
        raise RefundsExceedSales(f"{sum(trial.refunds)} of {sum(trial.sales)}")
    contract = seen(contract_id, by, contracts=contracts)
    return simulate(
        contract.version(trial.version).terms,
        sales=trial.sales,
        refunds=trial.refunds,
        heads=Heads(trial.heads, trial.heads_wanted),
        present=trial.present,
        royalties=trial.royalties,
        subsidy=trial.subsidy,
    )


def seen(contract_id: str, organization_id: str, *, contracts: Contracts) -> ShareContract:
    """A contract that this organisation is a party of; others are told there is none."""
    contract = contracts.get(contract_id)
    if organization_id not in contract.party_ids:
        raise ContractNotFound(f"no contract {contract_id}")
    return contract


def _saved(
    decision: Decision[ShareContract], contract: ShareContract, contracts: Contracts
) -> ShareContract:
    return contract if decision.state is contract else contracts.save(decision)
