"""A due: what one organisation owes another for a reason, and every step towards paid. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from chassis.kernel.decisions import Revision
from chassis.kernel.errors import NotFound
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    OWED_TO_FUND,
    PLATFORM_FEES,
    RETURNS_FUND,
    EntryRequest,
    Leg,
    available_of,
    plain,
    reverse,
    transfer,
)

AVAILABLE = "available"
WHOLE = 10_000


class DueNotFound(NotFound):
    """Nothing is due under that identifier."""

    code = "due-not-found"
    hint = "Check the identifier; only who owes and who is owed can read a due."
    chinese = "没有这笔应付款，请核对编号；只有应付方和应收方可以查看。"


class Cause(StrEnum):
    """What a due is for."""

    RENT = "rent"
    RENT_BACK = "rent-back"
    SHORTAGE = "shortage"
    GOODS_BACK = "goods-back"


class Move(StrEnum):
    """What a step of a due does: paid is by the debtor, advanced by the fund for returns."""

    OWE = "owe"
    FORGIVE = "forgive"
    PAY = "pay"
    ADVANCE = "advance"
    REPAY = "repay"


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a due; ``source`` names the account of the debtor that pays, if it does.

    That is ``available``. Steps that were decided before shares were left alone until their
    release may name ``pending``.
    """

    move: Move
    minor: int
    source: str = ""
    is_booked: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """What ``debtor_id`` owes ``creditor_id`` about a thing; both are organisations.

    A step once decided is never given up: one that the books refuse, because the money is
    elsewhere meanwhile, waits until it is there. So no two workers can pay it twice.
    """

    id: str
    cause: Cause
    debtor_id: str
    creditor_id: str
    amount: Money
    about: str
    steps: tuple[Step, ...] = ()
    revision: Revision = Revision()

    @classmethod
    def open(
        cls, cause: Cause, debtor_id: str, creditor_id: str, amount: Money, about: str
    ) -> Due:
        """A new due; its id follows from what it is for and about."""
        due_id = derived_id("due", about, cause.value)
        owe = Step(Move.OWE, amount.minor)
        return cls(due_id, cause, debtor_id, creditor_id, amount, about, (owe,))

    def total(self, *moves: Move) -> int:
        """Minor units of all steps of these kinds, booked or about to be."""
        return sum(step.minor for step in self.steps if step.move in moves)

    @property
    def unpaid(self) -> Money:
        """What the creditor has not got, from anybody."""
        gone = self.total(Move.FORGIVE, Move.PAY, Move.ADVANCE)
        return Money(self.amount.minor - gone, self.amount.currency)

    @property
    def lent(self) -> Money:
        """What the fund for returns has paid for the debtor and not got back."""
        lent = self.total(Move.ADVANCE) - self.total(Move.REPAY)
        return Money(lent, self.amount.currency)

    @property
    def rest(self) -> Money:
        """What the debtor has still to pay, to the fund and to the creditor."""
        return self.unpaid + self.lent

    @property
    def is_waiting(self) -> bool:
        """Whether the books do not hold every step yet."""
        return not all(step.is_booked for step in self.steps)

    @property
    def is_lowered(self) -> bool:
        """Whether some of it was given up already."""
        return self.total(Move.FORGIVE) > 0

    def forgive(self, amount: Money) -> tuple[Due, Money]:
        """Owe this much less; what was paid of it already is answered, to be given back."""
        less = min(amount.minor, self.unpaid.minor)
        back = Money(amount.minor - less, amount.currency)
        return self._with(Move.FORGIVE, less), back

    def pay(self, minor: int) -> Due:
        """Let the debtor pay so much at most: first what the fund lent, then the creditor.

        Only what may be paid out pays: what waits is what shares say, to the fen, and refunds
        and releases count on it.
        """
        repaid = min(minor, self.lent.minor)
        paid = min(minor - repaid, self.unpaid.minor)
        return self._with(Move.REPAY, repaid, AVAILABLE)._with(Move.PAY, paid, AVAILABLE)

    def advance(self, minor: int) -> Due:
        """Let the fund for returns pay so much at most in the debtor's place."""
        return self._with(Move.ADVANCE, min(minor, self.unpaid.minor))

    def booked(self, numbers: frozenset[int]) -> Due:
        """The books hold the steps with these places."""
        steps = (
            replace(step, is_booked=step.is_booked or number in numbers)
            for number, step in enumerate(self.steps)
        )
        return replace(self, steps=tuple(steps))

    def waiting(self) -> dict[int, EntryRequest]:
        """The entries that the books do not hold yet, by their step's place."""
        return {
            number: self.entry(number)
            for number, step in enumerate(self.steps)
            if not step.is_booked
        }

    def entry_id(self, number: int) -> str:
        """What the entry of one step is named; the first is that it is owed."""
        return derived_id("ent", self.id, str(number))

    def entry(self, number: int) -> EntryRequest:
        """The entry of one step, explained; its id follows from the due and the place."""
        step = self.steps[number]
        english, chinese = _WHY[self.cause]
        verb, chinese_verb = _DID[step.move]
        reason = {
            "why": {"en": f"{english}: {verb}", "zh": f"{chinese}：{chinese_verb}"},
            "due_id": self.id,
            "about": self.about,
            "debtor_id": self.debtor_id,
            "creditor_id": self.creditor_id,
        }
        legs = [
            Leg(path, sign * step.minor, self.amount.currency) for path, sign in self._legs(step)
        ]
        return plain(self.entry_id(number), legs, f"due-{step.move}", reason, reference=self.about)

    def _legs(self, step: Step) -> tuple[tuple[str, int], ...]:
        owes, owed = f"org:{self.debtor_id}:owes", f"org:{self.creditor_id}:owed"
        payer = f"org:{self.debtor_id}:{step.source}"
        match step.move:
            case Move.OWE:
                return ((owes, -1), (owed, 1))
            case Move.FORGIVE:
                return ((owes, 1), (owed, -1))
            case Move.PAY:
                payee = f"org:{self.creditor_id}:{step.source}"
                return ((payer, -1), (payee, 1), (owed, -1), (owes, 1))
            case Move.ADVANCE:
                payee = available_of(self.creditor_id)
                return ((RETURNS_FUND, -1), (payee, 1), (owed, -1), (OWED_TO_FUND, 1))
            case Move.REPAY:
                return ((payer, -1), (RETURNS_FUND, 1), (OWED_TO_FUND, -1), (owes, 1))

    def _with(self, move: Move, minor: int, source: str = "") -> Due:
        if not minor:
            return self
        return replace(self, steps=(*self.steps, Step(move, minor, source)))


def fee_entry(
    settlement_id: str, takings: Money, basis_points: int, *, most: Money
) -> EntryRequest | None:
    """What a settlement gives to the fund for returns, rounded down; None for nothing."""
    fee = Money(min(takings.minor * basis_points // WHOLE, most.minor), takings.currency)
    if not fee:
        return None
    reason = {
        "why": {
            "en": f"{basis_points} of {WHOLE} parts of the takings for the fund for returns",
            "zh": f"按活动收入的万分之{basis_points}计提退货基金",
        },
        "settlement_id": settlement_id,
    }
    return transfer(
        _fee_id(settlement_id),
        PLATFORM_FEES,
        RETURNS_FUND,
        fee,
        "returns-fee",
        reason,
        reference=settlement_id,
    )


def fee_back_entry(settlement_id: str) -> EntryRequest:
    """Let the fund give back all that it has of a settlement, which refunds of it need."""
    reason = {
        "why": {
            "en": "Given back by the fund for returns, for refunds of the settlement",
            "zh": "退货基金退还计提，用于该结算的退款",
        },
        "settlement_id": settlement_id,
    }
    entry_id = derived_id("ent", settlement_id, "returns-back")
    return reverse(
        entry_id, _fee_id(settlement_id), "returns-fee-back", reason, reference=settlement_id
    )


def _fee_id(settlement_id: str) -> str:
    return derived_id("ent", settlement_id, "returns")


_WHY = {
    Cause.RENT: ("Rent of a booked slot", "已预订时段的场租"),
    Cause.RENT_BACK: (
        "Rent given back by the policy the slot was booked under",
        "按预订时的取消政策退还场租",
    ),
    Cause.SHORTAGE: ("Goods that did not come as described", "到货短缺或不符"),
    Cause.GOODS_BACK: ("Goods given back, no reason asked", "无理由退货"),
}

_DID = {
    Move.OWE: ("owed from now on", "自此应付"),
    Move.FORGIVE: ("owed no more", "不再应付"),
    Move.PAY: ("paid by who owed it", "应付方已支付"),
    Move.ADVANCE: ("paid by the fund for returns in the debtor's place", "由退货基金先行垫付"),
    Move.REPAY: ("paid back to the fund for returns", "归还退货基金垫款"),
}
