"""The port to every payment provider, and how operations get there and end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chassis.kernel.decisions import Decision
from services.payments.providers.domain import (
    Capabilities,
    Collect,
    DisputeNotice,
    Finish,
    Kind,
    Notification,
    Operation,
    OperationNotFound,
    Order,
    PayOut,
    ProviderUnknown,
    Refund,
    RegisterParty,
    Result,
    ReturnSplit,
    Ruling,
    SettlementLine,
    Split,
    State,
)


class Provider(Protocol):
    """A payment provider, over whatever it speaks.

    Every call that changes something takes the id of our operation (``opn_...``), which
    the provider must be given as the key of the request: the same id again is the same
    operation, and never a second movement. No call raises for what a provider does: a
    refusal is FAILED, and whatever leaves it open whether the provider acted (a timeout,
    a lost connection, a 5xx, an answer that cannot be read) is UNKNOWN. Calls take at
    most the time that the adapter states, are made outside transactions, and are safe
    from several threads. Raise ``ProviderCannot`` for a kind that ``capabilities`` does
    not list.
    """

    @property
    def name(self) -> str:
        """What it is called in addresses and records: lower case, ``a-z`` and ``-``."""
        ...

    def capabilities(self) -> Capabilities:
        """Its terms; free of I/O."""
        ...

    @property
    def webhook_answer(self) -> tuple[str, str]:
        """The media type and text by which it knows that a message was taken in."""
        ...

    def register_party(self, operation_id: str, order: RegisterParty) -> Result:
        """Make a receiver known; one that is known already has SUCCEEDED."""
        ...

    def collect(self, operation_id: str, order: Collect) -> Result:
        """Take a buyer's money."""
        ...

    def split(self, operation_id: str, order: Split) -> Result:
        """Make one call of a plan: at most ``receivers_per_call`` shares."""
        ...

    def finish(self, operation_id: str, order: Finish) -> Result:
        """Free the rest of a collection; cannot be undone."""
        ...

    def return_split(self, operation_id: str, order: ReturnSplit) -> Result:
        """Take a share back."""
        ...

    def refund(self, operation_id: str, order: Refund) -> Result:
        """Give a buyer money back."""
        ...

    def payout(self, operation_id: str, order: PayOut) -> Result:
        """Send money out."""
        ...

    def query(self, operation_id: str, order: Order, reference: str = "") -> Result:
        """Ask how an operation stands; ``not_received()`` only if it surely never came.

        UNKNOWN when the provider cannot tell just now.
        """
        ...

    def list_settlement(self, day: date) -> Iterator[SettlementLine]:
        """The provider's bill for a day of its own calendar; raise ``ConnectionError``.

        A line keeps its ``id`` however often the bill is read, and a bill may grow later.
        """
        ...

    def parse_webhook(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Notification | DisputeNotice | None:
        """Check the signature over the raw body and read it; no I/O.

        Header names are in lower case. None for a message that is about no operation of
        ours and no dispute. Raises ``NotificationForged``, ``NotificationStale`` or
        ``NotificationMalformed``, having done nothing.
        """
        ...


class Operations(Protocol):
    """The operations, wherever they are kept."""

    def find(self, operation_ids: Sequence[str]) -> dict[str, Operation]:
        """Those of them that there are."""
        ...

    def save(self, decision: Decision[Operation]) -> Operation:
        """Store the state and its events together, or raise ``Conflict``."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Ids of some that are to be sent or asked about, those first that wait longest."""
        ...


Follow = Callable[[Operation], None]
"""What is to be intended, in the same transaction, when an operation got further."""

Ring = Callable[[str, str], None]
"""Whom to tell that a provider has something to say of a dispute: its name and the reference."""


def _nobody(provider: str, reference: str) -> None:
    """No disputes are followed here."""
    del provider, reference


class Verb(StrEnum):
    """What is about to be done with an operation."""

    SEND = "send"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Call:
    """One call to make, outside any transaction."""

    verb: Verb
    operation: Operation


LOOK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Desk:
    """Sends operations and asks about them until each has ended: the janitor.

    ``take`` and ``note`` belong in a transaction each, ``make`` between them in none. The
    operation is stored as UNKNOWN before it is sent. Dying anywhere leaves it due again,
    and what may have been sent is asked about before it is sent again, under the same id.
    """

    operations: Operations
    providers: Mapping[str, Provider]
    followers: Mapping[Kind, Follow]
    ring: Ring = _nobody

    def provider(self, name: str) -> Provider:
        """Raise ``ProviderUnknown`` rather than return None."""
        if name not in self.providers:
            raise ProviderUnknown(f"no provider {name}")
        return self.providers[name]

    def take(self, operation_id: str, *, now: datetime) -> Call | None:
        """What to do about an operation now, once; None when nothing is."""
        operation = self.operations.find([operation_id]).get(operation_id)
        if operation is None or operation.next_at is None or operation.next_at > now:
            return None
        capabilities = self.provider(operation.provider).capabilities()
        decision = operation.check(at=now)
        operation = decision.state
        if operation.state is State.PLANNED and not self._may_go(operation, now):
            self.operations.save(decision._replace(state=operation.wait(now + LOOK_AGAIN)))
            return None
        fresh = operation.may_be_sent(at=now, capabilities=capabilities)
        if operation.state is State.PLANNED and fresh:
            verb, taken = Verb.SEND, operation.send(at=now)
        else:
            verb, taken = Verb.ASK, operation.ask(at=now, capabilities=capabilities)
        return Call(verb, self.operations.save(decision._replace(state=taken)))

    def make(self, call: Call) -> Result:
        """Call the provider."""
        operation, provider = call.operation, self.provider(call.operation.provider)
        if call.verb is Verb.ASK:
            return provider.query(operation.id, operation.order, operation.reference)
        return _send(provider, operation)

    def note(
        self, operation_id: str, result: Result, *, now: datetime, is_news: bool = False
    ) -> Operation:
        """Take in a result, from a call or from a notification; raise ``OperationNotFound``.

        News about an operation that stays ACCEPTED has it asked about at once.
        """
        operation = self.operations.find([operation_id]).get(operation_id)
        if operation is None:
            raise OperationNotFound(f"no operation {operation_id}")
        capabilities = self.provider(operation.provider).capabilities()
        decision = operation.hear(result, at=now, capabilities=capabilities)
        if is_news and decision.state.state is State.ACCEPTED:
            decision = decision._replace(state=decision.state.wait(now))
        return self._keep(operation, decision)

    def rule(self, operation_id: str, ruling: Ruling) -> Operation:
        """A person says how an operation ended that its provider tells no more of.

        Whatever follows from such an end follows, once. Raises ``OperationNotFound`` and
        ``OperationNotStuck``.
        """
        operation = self.operations.find([operation_id]).get(operation_id)
        if operation is None:
            raise OperationNotFound(f"no operation {operation_id}")
        capabilities = self.provider(operation.provider).capabilities()
        return self._keep(operation, operation.rule(ruling, capabilities=capabilities))

    def _keep(self, before: Operation, decision: Decision[Operation]) -> Operation:
        """Store what became of an operation, and tell who follows such."""
        if decision.state == before:
            return before
        kept = self.operations.save(decision)
        if kept.state is not before.state and kept.kind in self.followers:
            self.followers[kept.kind](kept)
        return kept

    def hear(
        self, name: str, headers: Mapping[str, str], body: bytes, *, real: datetime, now: datetime
    ) -> None:
        """Take in a provider's own message; ``real`` is the time its signature is judged by.

        Raises ``ProviderUnknown``, ``OperationNotFound`` (also for another provider's
        operation) and what ``Provider.parse_webhook`` does.
        """
        notification = self.provider(name).parse_webhook(headers, body, now=real)
        if notification is None:
            return
        if isinstance(notification, DisputeNotice):
            self.ring(name, notification.reference)
            return
        wanted = notification.operation_id
        operation = self.operations.find([wanted]).get(wanted)
        if operation is None or operation.provider != name:
            raise OperationNotFound(f"no operation {wanted} at {name}")
        self.note(wanted, notification.result, now=now, is_news=True)

    def _may_go(self, operation: Operation, now: datetime) -> bool:
        """Whether all that comes before it has ended, or it cannot wait any longer."""
        if operation.due_by is not None and now >= operation.due_by:
            return True
        found = self.operations.find(operation.after)
        return all(each in found and found[each].has_ended for each in operation.after)


def _send(provider: Provider, operation: Operation) -> Result:
    order, own = operation.order, operation.id
    match order:
        case RegisterParty():
            result = provider.register_party(own, order)
        case Collect():
            result = provider.collect(own, order)
        case Split():
            result = provider.split(own, order)
        case Finish():
            result = provider.finish(own, order)
        case ReturnSplit():
            result = provider.return_split(own, order)
        case Refund():
            result = provider.refund(own, order)
        case PayOut():
            result = provider.payout(own, order)
    return result
