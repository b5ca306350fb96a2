"""Sales, refunds, disputes and payouts in any order, dying anywhere: every fen is there."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.decisions import NotYet
from services.payments.disputes.use_cases import END, HOLD, book_hold, plan_end, plan_hold
from services.payments.disputes.use_cases import book_end as ruled
from services.payments.providers.domain import Stage
from services.payments.settlements.domain import RefundState
from tests.builders.contracts import a_contract_text
from tests.builders.payments import AUTHOR, BRAND, HOST, an_id
from tests.unit.payments.disputes.court import Hall, said
from tests.unit.payments.settlements.evenings import an_evening_of, refund, settle
from tests.unit.payments.settlements.test_refunds import THIRDS, pay_out

STEPS = [THIRDS[0] | {"to": {"brand": 50, "host": 23, "author": 17, "platform": 10}}]
PARTIES = (BRAND, HOST, AUTHOR)
AMOUNTS = st.integers(1, 3_000)
PLACES = st.integers(0, 3)
MOVES = st.one_of(
    st.tuples(st.just("refund"), PLACES, AMOUNTS),
    st.tuples(st.just("stage"), PLACES, st.sampled_from(list(Stage))),
    st.tuples(st.just("settle"), st.just(0), st.just(0)),
    st.tuples(st.just("free"), st.just(0), st.sampled_from(PARTIES)),
    st.tuples(st.just("pay"), st.just(0), st.sampled_from(PARTIES)),
    st.tuples(st.just("die"), PLACES, st.sampled_from(["planned", "booked"])),
)


class World:
    """One evening, up to four disputes of its sales, and what was paid out."""

    def __init__(self, sales, disputed, refunds):
        text = a_contract_text(steps=STEPS, refunds=refunds)
        kept, self.command, _, self.sold = an_evening_of(text, sales)
        self.hall, self.disputed, self.total = Hall(kept), disputed, sum(sales)
        self.paid = Counter()
        self.is_settled = False

    @property
    def ledger(self):
        return self.hall.books.ledger

    def move(self, kind, place, what):
        getattr(self, kind)(place, what)
        self.check()

    def refund(self, place, minor):
        sale = self.sold[place % len(self.sold)]
        refund(self.hall.books, self.command.gathering_id, sale.id, minor, an_id("rfd"))

    def stage(self, place, stage):
        if place < len(self.disputed):
            number, minor = self.disputed[place]
            sale = self.sold[number % len(self.sold)]
            self.hall.hear(said(sale, minor, stage, number=place))

    def settle(self, _place=0, _what=0):
        if not self.is_settled:
            settle(self.hall.books, self.command)
            self.is_settled = True
            self.hall.work()

    def free(self, _place, who):
        if self.is_settled:
            self.hall.free(who)

    def pay(self, _place, who):
        path = f"org:{who}:available"
        minor = self.ledger.balances[path] - self.ledger.held[path]
        owed = self.ledger.balances[f"org:{who}:debt"] - self.ledger.held[f"org:{who}:debt"]
        if minor + owed > 0:
            pay_out(self.hall.books, who, minor + owed, kind="available")
            self.paid[who] += minor + owed

    def die(self, place, after):
        """A worker dies while it holds or ends a dispute; another begins anew."""
        known = list(self.hall.disputes.by_id)
        if place >= len(known):
            return
        bench = self.hall.bench
        try:
            if (END, known[place]) in self.hall.intentions.known:
                ending = plan_end(known[place], bench=bench, now=self.hall.now)
                if after == "booked":
                    ruled(ending, books=self.hall.books)
            elif (HOLD, known[place]) in self.hall.intentions.known:
                taking = plan_hold(known[place], bench=bench)
                if after == "booked":
                    book_hold(taking, books=self.hall.books)
        except NotYet:
            return

    def check(self):
        assert sum(self.ledger.balances.values()) == self.total
        for sale in self.hall.books.sales.by_id.values():
            assert 0 <= sale.rest.minor <= sale.amount.minor

    def finish(self):
        """Everything is settled, ruled on, and the last crash is recovered from."""
        self.settle()
        for place, _ in enumerate(self.disputed):
            self.stage(place, Stage.WON)
        for _ in range(2):
            self.hall.work()
        self.check()
        assert self.hall.held() == {}

    def has(self, who):
        """What an organisation has, was paid, and owes, all together."""
        kinds = ("pending", "available", "debt")
        return self.paid[who] + sum(self.ledger.balances[f"org:{who}:{kind}"] for kind in kinds)

    def platform(self):
        return self.ledger.balances["platform:fees"] + self.ledger.balances["platform:debt"]

    def gone(self):
        """What buyers have for good, of what was sold."""
        return sum(sale.refunded.minor for sale in self.hall.books.sales.by_id.values())

    def beyond(self):
        """What the bank took that no sale had any more."""
        lost = (d for d in self.hall.disputes.by_id.values() if d.is_lost)
        return sum(each.told.minor - each.held.minor for each in lost)


WORLDS = st.builds(
    World,
    st.lists(AMOUNTS, min_size=1, max_size=4),
    st.lists(st.tuples(PLACES, AMOUNTS), max_size=4),
    st.just("pro-rata"),
)


@given(WORLDS, st.lists(MOVES, max_size=14))
def test_everybody_ends_with_what_the_sales_that_stand_bring(world, moves):
    for move in moves:
        world.move(*move)
    world.finish()

    plain = World([sale.amount.minor for sale in world.sold], [], "pro-rata")
    plain.settle()
    left = world.gone()
    for sale in plain.sold:
        part = min(left, sale.amount.minor)
        left -= part
        if part:
            refund(plain.hall.books, plain.command.gathering_id, sale.id, part, an_id("rfd"))
    assert {who: world.has(who) for who in PARTIES} == {who: plain.has(who) for who in PARTIES}
    assert world.platform() == plain.platform() - world.beyond()
    outside = world.ledger.balances["external:provider"] - sum(world.paid.values())
    assert outside == world.gone() + world.beyond()


@given(WORLDS, st.lists(MOVES, max_size=14))
def test_all_that_waits_is_a_share_that_will_be_released(world, moves):
    for move in moves:
        world.move(*move)
    world.finish()

    for who in PARTIES:
        world.hall.free(who)
        assert world.ledger.balances[f"org:{who}:pending"] == 0
    assert world.ledger.balances[f"gathering:{world.command.gathering_id}:takings"] == 0


@given(
    st.builds(
        World,
        st.lists(AMOUNTS, min_size=1, max_size=4),
        st.lists(st.tuples(PLACES, AMOUNTS), max_size=4),
        st.sampled_from(["platform-first", "host-debt"]),
    ),
    st.lists(MOVES, max_size=14),
)
def test_no_fen_is_lost_whoever_gives(world, moves):
    for move in moves:
        world.move(*move)
    world.finish()

    had = sum(world.has(who) for who in PARTIES) + world.platform()
    assert had == world.total - world.gone() - world.beyond()
    for refund_ in world.hall.books.refunds.by_id.values():
        assert refund_.state is not RefundState.PLANNED
