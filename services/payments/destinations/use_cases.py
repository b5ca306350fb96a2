"""What an organisation says of where it wants its money."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids, derived_id
from services.payments.destinations.domain import AccountUnfit, Destination, Schedule
from services.payments.providers.domain import Operation, RegisterParty, State, intend
from services.payments.providers.use_cases import Operations, Provider


class Destinations(Protocol):
    """The destinations, wherever they are kept."""

    def get(self, destination_id: str) -> Destination:
        """Raise ``DestinationNotFound`` rather than return None."""
        ...

    def save(self, decision: Decision[Destination]) -> Destination:
        """Store the state and its events together, or raise ``Conflict``."""
        ...

    def active(self, organization_id: str) -> Destination | None:
        """Where the organisation's money goes just now, if anywhere."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NameDestination:
    """An organisation's wish to be paid at an account."""

    organization_id: str
    holder: str
    account: str
    schedule: Schedule


def name_destination(
    command: NameDestination,
    *,
    provider: Provider,
    destinations: Destinations,
    operations: Operations,
    ids: Ids,
    now: datetime,
) -> Destination:
    """Name an account; it is paid to once the provider knows it, the one before until then.

    Raises ``AccountUnfit``.
    """
    if not re.fullmatch(provider.capabilities().account_form, command.account):
        raise AccountUnfit(f"not an account at {provider.name}")
    destination = Destination(
        id=ids("dst"),
        organization_id=command.organization_id,
        provider=provider.name,
        holder=command.holder,
        account=command.account,
        schedule=command.schedule,
        named_at=now,
    )
    saved = destinations.save(Decision(destination))
    if not provider.capabilities().registers_receivers:
        return _activate(saved, destinations=destinations, now=now)
    operations.save(
        Decision(
            intend(
                RegisterParty(receiver=saved.receiver),
                operation_id=derived_id("opn", saved.id, "register"),
                provider=provider.name,
                about=saved.id,
                at=now,
            )
        )
    )
    return saved


def follow_registration(
    operation: Operation, *, destinations: Destinations, now: datetime
) -> None:
    """Do what the outcome of a registration asks for, if it is about a destination."""
    if not operation.about.startswith("dst_"):
        return  # a receiver of a split
    destination = destinations.get(operation.about)
    if operation.state is State.SUCCEEDED:
        _activate(destination, destinations=destinations, now=now)
    elif operation.state is State.FAILED:
        destinations.save(destination.refuse(operation.code, at=now))


def _activate(
    destination: Destination, *, destinations: Destinations, now: datetime
) -> Destination:
    before = destinations.active(destination.organization_id)
    decision = destination.activate(at=now)
    if not decision.events:
        return destination
    if before is not None and before.named_at > destination.named_at:
        # A later one was known first: this one is history before it began.
        return destinations.save(Decision(destination.give_way()))
    if before is not None:
        destinations.save(Decision(before.give_way()))
    return destinations.save(decision)
