"""The port to every payment provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Protocol

from services.payments.providers.domain import (
    Capabilities,
    Collect,
    Finish,
    Notification,
    Order,
    PayOut,
    Refund,
    RegisterParty,
    Result,
    ReturnSplit,
    SettlementLine,
    Split,
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
    ) -> Notification | None:
        """Check the signature over the raw body and read it; no I/O.

        Header names are in lower case. None for a message that is about no operation of
        ours. Raises ``NotificationForged``, ``NotificationStale`` or
        ``NotificationMalformed``, having done nothing.
        """
        ...
