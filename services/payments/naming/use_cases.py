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

# The intents: give back what is left when a brand ends a package, and what is left after that.
END, CLOSE = "end-naming", "close-naming"


class NamingRightsBook(Protocol):
    """The packages, wherever they are kept."""

    def get(self, naming_rights_id: str) -> NamingRights:
        """Raise ``NamingRightsNotFound`` rather than return None."""
        ...

    def reserving(self, gathering_id: str) -> list[NamingRights]:
        """Those that keep a part for a gathering: one, or none."""
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
    """Stop the package; what no planned gathering has a part in goes back within seconds."""
    ended = naming.save(naming.get(naming_rights_id).begin_end())
    if ended.state is NamingState.ENDING:
        intentions.record(END, ended.id)
    return ended


def reserve_part(
    naming_rights_id: str, gathering_id: str, *, host_id: str, naming: NamingRightsBook
) -> None:
    """Keep a part for a gathering that was planned; nothing happens if there is none for it."""
    try:
        rights = naming.get(naming_rights_id)
    except NamingRightsNotFound:
        return
    reserved = rights.reserve(gathering_id, [host_id])
    if reserved is not rights:
        naming.save(Decision(reserved))


def let_part_go(gathering_id: str, *, naming: NamingRightsBook, intentions: Intentions) -> None:
    """Reserve nothing more for a gathering that is settled or called off.

    After the last one the rest of a package that its brand ended goes back.
    """
    for rights in naming.reserving(gathering_id):
        if naming.save(Decision(rights.let_go(gathering_id))).is_over:
            intentions.record(CLOSE, rights.id)


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
    if unearned := rights.why_not(gathering_id, hosts):
        return None, unearned
    decision, earning = rights.earn(gathering_id, at=now)
    naming.save(decision)
    return earning, None
