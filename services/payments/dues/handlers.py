"""What payments does about money that catalog tells of, and the paying of what is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from chassis.envelope import Event
from chassis.inbox import Handler, TwoStep, each
from chassis.kernel.errors import Conflict
from chassis.mongo import atomically
from chassis.turns import Turns
from chassis.web.schemas import EventSchema
from services.payments.dues.domain import Cause, Due
from services.payments.dues.schemas import (
    GoodsBackSchema,
    GoodsCountedSchema,
    SettlementHeardSchema,
    SlotGivenUpSchema,
    SlotRentedSchema,
)
from services.payments.dues.use_cases import Balances, Dues, feed_fund, give_back_rent, owe
from services.payments.ledger.domain import RETURNS_FUND, FloorBroken, available_of
from services.payments.ledger.use_cases import Ledger

BATCH = 200


def fact_handlers(dues: Dues) -> dict[str, Handler]:
    """Map catalog's facts about slots and shipments to what is done.

    A slot's facts come in order, so that its booking is known before it is given up. What
    is exchanged moves no money: goods of the same value come in its place.
    """

    def owing(schema: type[EventSchema]) -> Handler:
        def on_owed(event: Event) -> None:
            command = schema().load(event.data)
            if command is not None:
                owe(command, dues=dues)

        return each(on_owed)

    def on_given_up(event: Event) -> None:
        command = SlotGivenUpSchema().load(event.data)
        if command is not None:
            give_back_rent(command, dues=dues)

    return {
        "catalog.venue.slot-booked.v1": owing(SlotRentedSchema),
        "catalog.venue.slot-released.v1": each(on_given_up),
        "catalog.shipment.received.v1": owing(GoodsCountedSchema),
        "catalog.shipment.returned.v1": owing(GoodsBackSchema),
    }


def fee_handlers(ledger: Ledger, basis_points: int) -> dict[str, Handler]:
    """Map what settlements tell to what the fund for returns gets of them."""

    def submit(events: Sequence[Event]) -> None:
        heard = [SettlementHeardSchema().load(event.data) for event in events]
        feed_fund(heard, basis_points, ledger=ledger)

    def record(_events: Sequence[Event], _booked: None) -> None:
        """Remember nothing: the books do."""

    return {"payments.settlement.completed.v1": TwoStep(submit, record)}


class Collector:
    """Pays dues out of what their debtors have, batch by batch, whoever was asked first.

    Several may run at once: what one has decided the other finds or, with ``Conflict``,
    leaves to it. One that fails waits, and the others have their turn.
    """

    def __init__(self, dues: Dues, ledger: Ledger, balances: Balances) -> None:
        self._dues = dues
        self._ledger = ledger
        self._balances = balances
        self._turns = Turns("dues")
        self._after = ""

    def run(self) -> bool:
        """Take the next batch a step further; False once all have had their turn."""
        batch, spent = self._dues.live(after=self._after, limit=BATCH), Counter[str]()
        for due_id in batch:
            self._turns.take(due_id, partial(self._further, due_id, spent))
        self._after = batch[-1] if len(batch) == BATCH else ""
        return bool(self._after)

    def _further(self, due_id: str, spent: Counter[str]) -> bool:
        self._decide(self._dues.get(due_id), spent)
        self._book(due_id)
        return True

    def _decide(self, due: Due, spent: Counter[str]) -> None:
        """Let the debtor pay what it may be paid out; else the fund, for goods given back."""
        if due.is_waiting or not due.rest:
            return
        path = available_of(due.debtor_id)
        if (minor := self._left(path, due, spent)) > 0:
            self._take(due, due.pay(minor), path, spent)
        elif due.cause is Cause.GOODS_BACK and (minor := self._left(RETURNS_FUND, due, spent)) > 0:
            self._take(due, due.advance(minor), RETURNS_FUND, spent)

    def _left(self, path: str, due: Due, spent: Counter[str]) -> int:
        """What is there, less what this turn has taken: the projection follows by a moment."""
        return self._balances.available(path, due.amount.currency) - spent[path]

    def _take(self, before: Due, after: Due, path: str, spent: Counter[str]) -> None:
        if after is before:
            return
        spent[path] += sum(step.minor for step in after.steps[len(before.steps) :])
        self._save(after)

    def _book(self, due_id: str) -> None:
        due = self._dues.get(due_id)
        waiting = due.waiting()
        if not waiting:
            return
        outcomes = self._ledger.submit(list(waiting.values()))
        for outcome in outcomes:
            if outcome.code != FloorBroken.code:
                outcome.or_raise()
        stands = (
            number for number, outcome in zip(waiting, outcomes, strict=True) if outcome.stands
        )
        self._save(due.booked(frozenset(stands)))

    def _save(self, due: Due) -> None:
        try:
            atomically(lambda: self._dues.save(due))
        except Conflict:
            return  # another took it further meanwhile; the next turn sees how far
