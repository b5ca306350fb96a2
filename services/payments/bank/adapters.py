"""A bank as a ``Provider``: payments wait for a file, and its statements are its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import NoReturn

from chassis.kernel.time import Clock
from services.payments.bank.domain import Instruction, refusal_of, standing, terms_of
from services.payments.bank.engine.transfers import Account
from services.payments.bank.use_cases import Drawer, Tray
from services.payments.providers.domain import (
    Capabilities,
    Collect,
    Finish,
    NotificationForged,
    Order,
    PayOut,
    ProviderCannot,
    Refund,
    RegisterParty,
    Result,
    Retry,
    ReturnSplit,
    SettlementLine,
    Split,
    failed,
    not_received,
)

NAME = "bank"


class BankProvider:
    """The ``Provider`` port over a bank that reads files; a call takes a few milliseconds.

    A payment is ACCEPTED once it is written down, and stays so until a statement says that
    it left, or came back. A bank sends no messages: whoever says so is an impostor.
    """

    name = NAME
    webhook_answer = ("text/plain", "")

    def __init__(self, account: Account, tray: Tray, drawer: Drawer, clock: Clock) -> None:
        self._account = account
        self._tray = tray
        self._drawer = drawer
        self._clock = clock
        self._terms = terms_of(account)

    def capabilities(self) -> Capabilities:
        """Payouts in the account's currency, and nothing else."""
        return self._terms

    def payout(self, operation_id: str, order: PayOut) -> Result:
        """Write a payment down for the next file."""
        known = self._tray.find(operation_id)
        if known is None:
            code = refusal_of(order, self._account)
            if code:
                return failed(code, Retry.CHANGED)
            known = self._tray.put(Instruction(operation_id, order, self._clock()))
        if known.order != order:
            return failed("id-used-for-another-order")
        return standing(known, self._drawer.about(operation_id))

    def query(self, operation_id: str, order: Order, reference: str = "") -> Result:
        """How a payment stands by the statements there are."""
        del order, reference
        known = self._tray.find(operation_id)
        if known is None:
            return not_received()
        return standing(known, self._drawer.about(operation_id))

    def list_settlement(self, day: date) -> Iterator[SettlementLine]:
        """What was booked on the account on a day, as far as statements of it have come."""
        return (line.settled for line in self._drawer.on(day))

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> NoReturn:
        """Refuse it."""
        del headers, body, now
        raise NotificationForged("the bank sends no messages")

    def register_party(self, operation_id: str, order: RegisterParty) -> NoReturn:
        """No: an account can be paid to unannounced."""
        _cannot(operation_id, order)

    def collect(self, operation_id: str, order: Collect) -> NoReturn:
        """No."""
        _cannot(operation_id, order)

    def split(self, operation_id: str, order: Split) -> NoReturn:
        """No."""
        _cannot(operation_id, order)

    def finish(self, operation_id: str, order: Finish) -> NoReturn:
        """No."""
        _cannot(operation_id, order)

    def return_split(self, operation_id: str, order: ReturnSplit) -> NoReturn:
        """No."""
        _cannot(operation_id, order)

    def refund(self, operation_id: str, order: Refund) -> NoReturn:
        """No."""
        _cannot(operation_id, order)


def _cannot(operation_id: str, order: Order) -> NoReturn:
    raise ProviderCannot(f"{operation_id}: a bank cannot {order.kind.value}")
