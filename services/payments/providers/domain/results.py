"""What a provider answers: that it is done, that it is not, that it will be, or nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chassis.kernel.money import Money
from services.payments.providers.domain.orders import Kind

NOT_RECEIVED = "not-received"
LONGEST_TEXT = 80  # of what a provider says in words
REFUSED, RETURNED, RULED = "refused-by-bank", "returned-by-bank", "ruled-failed"


class Status(StrEnum):
    """How a call stands at the provider."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"


class Retry(StrEnum):
    """What may be done about a failure.

    ``SOON``: nothing was done, and the same operation may be sent again (too many
    requests, busy). ``LATER``: not before the provider's next period (a month's limit).
    ``CHANGED``: only after somebody put something right (a name that differs). ``NEVER``.
    """

    SOON = "soon"
    LATER = "later"
    CHANGED = "changed"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one receiver's share of a split that is not all or nothing."""

    party_id: str
    minor: int
    status: Status
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How an operation stands, as a provider tells it.

    ``reference`` is the provider's own number. ``amount`` and ``fee`` are what it says it
    moved and kept, where it says so. ``parts`` are the receivers of a split, when each
    stands for itself: the operation SUCCEEDED when the provider is done with all of them,
    and each part says whether it has its money. A FAILED result names the provider's
    ``code`` and what may be done. FAILED may follow SUCCEEDED, as when a bank sends a
    payout back; nothing follows FAILED.
    """

    status: Status
    reference: str = ""
    code: str = ""
    detail: str = ""
    retry: Retry = Retry.NEVER
    amount: Money | None = None
    fee: Money | None = None
    parts: tuple[Part, ...] = ()

    @property
    def may_be_sent_again(self) -> bool:
        """Whether the provider surely did nothing and the same operation may be sent."""
        return self.status is Status.FAILED and self.retry is Retry.SOON

    @property
    def is_not_received(self) -> bool:
        """Whether the provider has never heard of the operation."""
        return self.may_be_sent_again and self.code == NOT_RECEIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A provider's own message, its signature checked: how an operation of ours stands.

    ``id`` is the same for every delivery of the same message.
    """

    id: str
    operation_id: str
    result: Result
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """One line of a provider's bill for a day: what moved, as it sees it.

    ``amount`` is positive for money that came in at the provider and negative for money
    that left; ``fee``, never negative, is what the provider kept of it. ``operation_id`` is
    empty on a line that does not say whose it is. ``counterparty`` is who paid or was paid,
    and ``code`` why money came back, where the bill says so.
    """

    id: str
    day: date
    kind: Kind | None
    operation_id: str
    reference: str
    amount: Money
    fee: Money
    text: str = ""
    counterparty: str = ""
    code: str = ""


def succeeded(reference: str = "", *, amount: Money | None = None) -> Result:
    """Done."""
    return Result(status=Status.SUCCEEDED, reference=reference, amount=amount)


def accepted(reference: str = "") -> Result:
    """Taken on; how it ends is told later."""
    return Result(status=Status.ACCEPTED, reference=reference)


def failed(
    code: str, retry: Retry = Retry.NEVER, *, detail: str = "", reference: str = ""
) -> Result:
    """Not done, and why."""
    return Result(status=Status.FAILED, code=code, retry=retry, detail=detail, reference=reference)


def refused(why: str, retry: Retry = Retry.CHANGED) -> Result:
    """A bank booked nothing of it, as somebody was told; the account has to be put right."""
    return failed(REFUSED, retry, detail=why)


def told_gone(line: SettlementLine) -> Result:
    """A line tells that money left, and how much."""
    return succeeded(line.reference, amount=-line.amount)


def told_back(line: SettlementLine) -> Result:
    """A line tells that a bank sent the money back; the account has to be put right first."""
    code = line.code.lower() or RETURNED
    return failed(code, Retry.CHANGED, detail=line.text, reference=line.reference)


def unknown(detail: str) -> Result:
    """It may have happened or not; somebody must ask."""
    return Result(status=Status.UNKNOWN, detail=detail)


def word(code: str) -> str:
    """A provider's code as we write codes: lower case, with hyphens."""
    return code.lower().replace("_", "-").replace(".", "-")


def not_received() -> Result:
    """The provider has never heard of it, so that it may be sent."""
    return failed(NOT_RECEIVED, Retry.SOON)
