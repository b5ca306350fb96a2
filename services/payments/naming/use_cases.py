"""What brands and hosts do with naming rights."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from chassis.kernel.money import Money
from services.payments.naming.domain import (
    Earning,
    NamingRights,
    NamingRightsNotFound,
    NamingState,
    Unearned,
    propose,
)


class NamingRightsBook(Protocol):
    """The packages, wherever they are kept."""

    def get(self, naming_rights_id: str) -> NamingRights:
        """Raise ``NamingRightsNotFound`` rather than return None."""
        ...

    def save(self, decision: Decision[NamingRights]) -> NamingRights:
        """Store the state and its events together, or raise ``Conflict``."""
        ...


class Intentions(Protocol):
    """What is to be booked once this is stored."""

    def record(self, kind: str, about: str) -> None:
        """Intend it once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyNamingRights:
    """A brand's wish for its name on a host's next gatherings."""

    brand_id: str
    host_id: str
    price: Money
    gatherings: int
    terms: Mapping[str, int]


def buy_naming_rights(
    command: BuyNamingRights, *, naming: NamingRightsBook, ids: Ids
) -> NamingRights:
    """Propose a package to the host."""
    decision = propose(
        naming_rights_id=ids("nam"),
        brand_id=command.brand_id,
        host_id=command.host_id,
        price=command.price,
        gatherings=command.gatherings,
        terms=command.terms,
    )
    return naming.save(decision)


def accept_naming_rights(
    naming_rights_id: str, *, host_id: str, naming: NamingRightsBook, now: datetime
) -> NamingRights:
    """Let the host agree to the price and the number."""
    return naming.save(naming.get(naming_rights_id).accept(host_id, at=now))


def end_naming_rights(
    naming_rights_id: str, *, naming: NamingRightsBook, intentions: Intentions
) -> NamingRights:
    """Stop the package; what was not earned goes back to the brand within seconds."""
    ended = naming.save(naming.get(naming_rights_id).begin_end())
    if ended.state is NamingState.ENDING:
        intentions.record("end-naming", ended.id)
    return ended


def earn_fee(
    naming_rights_id: str | None,
    gathering_id: str,
    *,
    hosts: Collection[str],
    naming: NamingRightsBook,
    now: datetime,
) -> tuple[Earning | None, Unearned | None]:
    """Let a gathering earn the fee of the package that its plan names, or say why it does not.

    A host typed the identifier, and nobody has looked whether it is of a package of hers.
    """
    if naming_rights_id is None:
        return None, None
    try:
        rights = naming.get(naming_rights_id)
    except NamingRightsNotFound:
        return None, Unearned.UNKNOWN
    if unearned := rights.why_not(hosts):
        return None, unearned
    decision, earning = rights.earn(gathering_id, at=now)
    naming.save(decision)
    return earning, None
