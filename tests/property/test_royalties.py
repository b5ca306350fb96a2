"""Whatever happens in whatever order, royalties add up and nothing stays behind."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as some

from chassis.kernel.decisions import NotYet
from chassis.kernel.money import Money
from services.payments.royalties.domain import Outcome
from services.payments.royalties.use_cases import (
    RELEASE,
    CloseHold,
    OpenHold,
    book_release,
    close_hold,
    open_hold,
    plan_release,
    record_release,
)
from services.payments.settlements.use_cases import (
    RefundSale,
    SettleGathering,
    book_refund,
    book_settling,
    plan_refund,
    plan_settling,
    record_refund,
    record_settling,
)
from tests.builders.payments import (
    AUTHOR,
    NOW,
    PARTIES,
    FakeLedger,
    a_contract,
    a_sale,
    an_escrow,
    an_id,
    books,
    yuan,
)

DIGEST = "sha256:" + "5a" * 32
CO_AUTHOR, CLAIMANT, CO_CLAIMANT = (an_id("org") for _ in range(3))
ROYALTIES = {AUTHOR: 7_001, CO_AUTHOR: 2_999}
PAYEES = {CLAIMANT: 3_333, CO_CLAIMANT: 6_667}
CLAIMS = [an_id("cpc"), an_id("cpc")]
GATHERINGS = 3

ACTIONS = some.one_of(
    some.tuples(some.just("settle"), some.integers(0, GATHERINGS - 1)),
    some.tuples(some.just("refund"), some.integers(0, GATHERINGS - 1)),
    some.tuples(some.just("open"), some.integers(0, 1)),
    some.tuples(some.sampled_from([Outcome.UPHELD, Outcome.REJECTED]), some.integers(0, 1)),
    some.tuples(some.just("release"), some.integers(0, 1)),
)


class Fair:
    """Three gatherings of one theme, and two claims on it."""

    def __init__(self, amounts: list[int]) -> None:
        contracts = [a_contract() for _ in amounts]
        escrows = [an_escrow(contract, amount=yuan(1)) for contract in contracts]
        gatherings = [an_id("gth") for _ in amounts]
        self.sales = [a_sale(g, Money(m, "CNY")) for g, m in zip(gatherings, amounts, strict=True)]
        balances = {sale.takings: sale.amount.minor for sale in self.sales}
        balances |= {escrow.account: escrow.amount.minor for escrow in escrows}
        self.ledger = FakeLedger(balances)
        self.books = books(self.ledger, *contracts, *escrows, *self.sales)
        for gathering in gatherings:
            self.books.sales.close(gathering)
        self.commands = [
            SettleGathering(
                message_id=an_id("msg"),
                saga_id=an_id("sag"),
                gathering_id=gathering,
                claim_id=contract.claim_id,
                parties=PARTIES,
                checked_in=9,
                min_checked_in=9,
                royalties=ROYALTIES,
                cartridge_digest=DIGEST,
            )
            for gathering, contract in zip(gatherings, contracts, strict=True)
        ]
        self.intended: list[str] = []

    def record(self, kind: str, about: str) -> None:
        assert kind == RELEASE
        self.intended.append(about)

    def settle(self, number: int) -> None:
        settlement = plan_settling(self.commands[number], books=self.books, now=NOW)
        book_settling(settlement, books=self.books)
        record_settling(settlement, books=self.books, now=NOW)

    def refund(self, number: int) -> None:
        """Give a third of a sale back; the same again changes nothing."""
        sale = self.sales[number]
        command = RefundSale(
            message_id=sale.id,
            saga_id=sale.id,
            gathering_id=sale.gathering_id,
            sale_id=sale.id,
            refund_id=f"rfd_{sale.id.partition('_')[2]}",
            amount=Money(sale.amount.minor // 3 + 1, "CNY"),
        )
        planned = plan_refund(command, books=self.books)
        book_refund(planned, books=self.books)
        record_refund(planned, books=self.books, now=NOW)

    def claim(self, number: int) -> OpenHold:
        return OpenHold(
            copy_claim_id=CLAIMS[number], digest=DIGEST, claimant_id=CLAIMANT, accused_id=AUTHOR
        )

    def do(self, what: str, number: int) -> None:
        royalties = self.books.royalties
        match what:
            case "settle":
                self.settle(number)
            case "refund":
                self.refund(number)
            case "open":
                open_hold(self.claim(number), royalties=royalties)
            case "release":
                self.release(number)
            case outcome:
                close_hold(
                    CloseHold(opened=self.claim(number), outcome=Outcome(outcome), payees=PAYEES),
                    royalties=royalties,
                    intentions=self,
                )

    def release(self, number: int) -> None:
        if CLAIMS[number] not in self.intended:
            return
        planned = plan_release(CLAIMS[number], royalties=self.books.royalties)
        book_release(planned, ledger=self.ledger)
        record_release(planned, royalties=self.books.royalties, shares=self.books.pending, now=NOW)


def finish(fair: Fair) -> None:
    """Let everything come to its end: all settled, every claim closed, all paid out."""
    for number in range(2):
        fair.do("open", number)
        fair.do(Outcome.REJECTED, number)
        fair.release(number)
    for number in range(GATHERINGS):
        fair.settle(number)


@settings(max_examples=300)
@given(
    some.lists(some.integers(3, 999_999), min_size=GATHERINGS, max_size=GATHERINGS),
    some.lists(ACTIONS, max_size=25),
)
def test_royalties_add_up_whatever_happens(amounts, actions):
    fair = Fair(amounts)
    for action in actions:
        try:
            fair.do(*action)
        except NotYet:
            continue  # which leaves everything to a later try

    finish(fair)

    due: Counter[str] = Counter()
    for settled in fair.books.settlements.by_id.values():
        for party, share in zip(settled.parties, settled.shares, strict=True):
            due["royalty"] += share if party.role == "author" else 0
    for given_back in fair.books.refunds.by_id.values():
        for party, share in zip(given_back.parties, given_back.shares, strict=True):
            due["royalty"] += share if party.role == "author" else 0
    paid = [fair.ledger.balances[f"org:{who}:pending"] for who in (*ROYALTIES, *PAYEES)]
    assert sum(paid) == due["royalty"]
    assert min(paid) >= 0
    assert all(fair.ledger.balances[f"copy-claim:{claim}:held"] == 0 for claim in CLAIMS)
