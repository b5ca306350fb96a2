"""Laws of stock: nothing is sold twice, nothing is lost, whatever comes in whatever order."""

from __future__ import annotations

import contextlib
import random
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.catalog.hosts.domain import HostRecord
from services.catalog.hosts.use_cases import note_settled
from services.catalog.lots.domain import NotEnoughPacks
from services.catalog.lots.use_cases import CorrectCount, correct_count
from services.catalog.stock.domain import ReservationLost, ReservationState
from services.catalog.stock.use_cases import (
    ClaimConfirmed,
    ClaimEnded,
    ReleasePacks,
    ReturnPacks,
    expire_reservations,
    release_ended,
    release_packs,
    reserve_packs,
    return_packs,
    ship_confirmed,
)
from tests.unit.catalog.fakes import (
    BRAND,
    NOW,
    FakeHosts,
    FakeLots,
    FakeOffers,
    FakeStock,
    a_lot,
    a_reserve,
    an_id,
    an_offer,
)

CAP = 4
HOSTS = [an_id("org") for _ in range(3)]
CLAIMS = [an_id("clm") for _ in range(12)]
claims = st.sampled_from(CLAIMS)
packs = st.integers(1, 5)


class StockMachine(RuleBasedStateMachine):
    """One lot under everything that can happen to it, repeated and out of order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.offer = an_offer()
        self.offers = FakeOffers(self.offer)
        self.lot_id = a_lot().id
        terms = {"max_packs_per_host": CAP, "newcomers_basis_points": 2_500}
        self.lots = FakeLots(a_lot(lot_id=self.lot_id, packs=8, **terms))
        self.stock = FakeStock(self.lots)
        self.hosts = FakeHosts(HOSTS[0])
        self.received = 8

    def envelope(self, claim_id):
        return {
            "id": an_id("msg"),
            "correlation_id": an_id("sag"),
            "lot_id": self.lot_id,
            "claim_id": claim_id,
        }

    @rule(wanted=st.lists(st.tuples(claims, st.sampled_from(HOSTS), packs), max_size=6))
    def reserve(self, wanted):
        commands = [
            a_reserve(
                self.lot_id,
                self.offer.id,
                claim_id=claim_id,
                host_id=host_id,
                packs=count,
                expires_at=self.now + timedelta(minutes=30),
            )
            for claim_id, host_id, count in wanted
        ]
        before = dict(self.stock.reservations)
        reserve_packs(
            commands, stock=self.stock, offers=self.offers, hosts=self.hosts, now=self.now
        )
        for key in self.stock.reservations.keys() - before.keys():
            if self.stock.reservations[key].held:
                assert self.held_by(self.stock.reservations[key].host_id) <= CAP

    def held_by(self, host_id):
        return sum(one.held for one in self.stock.reservations.values() if one.host_id == host_id)

    @rule(host_id=st.sampled_from(HOSTS))
    def settle(self, host_id):
        note_settled([HostRecord(host_id=host_id, since=self.now)], hosts=self.hosts)

    @rule(those=st.lists(claims, max_size=4))
    def release(self, those):
        commands = [ReleasePacks(**self.envelope(claim), reason="x") for claim in those]
        release_packs(commands, stock=self.stock, now=self.now)

    @rule(claim=claims)
    def end(self, claim):
        fact = ClaimEnded(lot_id=self.lot_id, claim_id=claim, reason="claim-cancelled")
        release_ended([fact], stock=self.stock, now=self.now)

    @rule(claim=claims)
    def confirm(self, claim):
        known = self.stock.reservations.get((self.lot_id, claim))
        before = self.lots.get(self.lot_id)
        fact = ClaimConfirmed(lot_id=self.lot_id, claim_id=claim)
        try:
            ship_confirmed([fact], stock=self.stock, now=self.now)
        except ReservationLost:
            never = known is None or known.state is ReservationState.REFUSED
            assert never or known.packs > before.packs.free
            assert self.lots.get(self.lot_id) == before

    @rule(claim=claims, refund=st.sampled_from(["rfd_a", "rfd_b", "rfd_c"]), count=packs)
    def give_back(self, claim, refund, count):
        command = ReturnPacks(**self.envelope(claim), refund_id=f"{refund}{claim}", packs=count)
        with contextlib.suppress(ReservationLost):  # expired, and others have the packs by now
            return_packs([command], stock=self.stock, now=self.now)

    @rule(count=st.integers(-3, 3).filter(bool))
    def count_goods(self, count):
        command = CorrectCount(lot_id=self.lot_id, brand_id=BRAND, packs=count, why="counted")
        try:
            correct_count(command, lots=self.lots, now=self.now)
        except NotEnoughPacks:
            return
        self.received += count

    @rule()
    def let_time_pass(self):
        self.now += timedelta(minutes=20)

    @precondition(lambda self: self.now > NOW)
    @rule()
    def expire(self):
        expire_reservations(stock=self.stock, now=self.now)

    @invariant()
    def journal_adds_up_to_the_packs(self):
        lot = self.lots.get(self.lot_id)
        free = 8 + sum(entry.free for entry in self.lots.entries)
        reserved = sum(entry.reserved for entry in self.lots.entries)
        shipped = sum(entry.shipped for entry in self.lots.entries)

        assert (free, reserved, shipped) == (lot.packs.free, lot.packs.reserved, lot.packs.shipped)
        assert free + reserved + shipped == self.received
        assert min(free, reserved, shipped) >= 0

    @invariant()
    def reservations_explain_every_pack_that_is_not_free(self):
        lot = self.lots.get(self.lot_id)
        held = dict.fromkeys((ReservationState.RESERVED, ReservationState.SHIPPED), 0)
        for reservation in self.stock.reservations.values():
            if reservation.held:
                held[reservation.state] += reservation.held

        assert held[ReservationState.RESERVED] == lot.packs.reserved
        assert held[ReservationState.SHIPPED] == lot.packs.shipped

    @invariant()
    def what_newcomers_hold_is_counted(self):
        newcomers = [one for one in self.stock.reservations.values() if one.by_newcomer]

        assert self.lots.get(self.lot_id).newcomers_held == sum(one.held for one in newcomers)

    @invariant()
    def journal_has_no_gap(self):
        numbers = [entry.number for entry in self.lots.entries]
        assert numbers == list(range(2, len(numbers) + 2))


TestStock = StockMachine.TestCase


class PowerLost(BaseException):
    """What a crash is to a process: nothing catches it."""


class TestTenThousandSteps:
    """One long walk over many lots, with a crash in every tenth step."""

    STEPS, A_LOT = 10_000, 250

    def test_the_journal_explains_every_pack_after_each_of_them(self, monkeypatch):
        chance = random.Random(20_260_301)
        crashes = 0
        for step in range(self.STEPS):
            if step % self.A_LOT == 0:
                machine = StockMachine()
            act = self.chosen(machine, chance)
            if chance.random() < 0.1:
                crashes += self.crashed(machine, act, monkeypatch)
                if chance.random() < 0.5:
                    continue  # whoever asked has given up; else all comes once more
            act()
            self.check(machine)

        assert crashes > self.STEPS * 0.05

    def crashed(self, machine, act, monkeypatch):
        """Do it, but lose power on the way into the storage; answer whether it came so far."""
        before = machine.lots.get(machine.lot_id), dict(machine.stock.reservations)
        with monkeypatch.context() as patched:
            patched.setattr(machine.lots, "save_all", self.lose_power)
            patched.setattr(machine.stock, "save_all", self.lose_power)
            try:
                act()
            except PowerLost:
                assert before == (
                    machine.lots.get(machine.lot_id),
                    dict(machine.stock.reservations),
                )
                return 1
        return 0

    @staticmethod
    def lose_power(*_):
        raise PowerLost

    @staticmethod
    def check(machine):
        machine.journal_adds_up_to_the_packs()
        machine.reservations_explain_every_pack_that_is_not_free()
        machine.journal_has_no_gap()

    @staticmethod
    def chosen(machine, chance):
        """One of the machine's rules, with arguments."""
        claim, count = chance.choice(CLAIMS), chance.randint(1, 5)
        those = chance.choices(CLAIMS, k=chance.randint(1, 4))
        wanted = [(one, chance.choice(HOSTS), chance.randint(1, 3)) for one in those]
        refund = chance.choice(["rfd_a", "rfd_b", "rfd_c"])
        difference = chance.choice([-2, -1, 1, 2])
        return chance.choice(
            [
                lambda: machine.reserve(wanted=wanted),
                lambda: machine.release(those=those[:1]),
                lambda: machine.end(claim=claim),
                lambda: machine.confirm(claim=claim),
                lambda: machine.give_back(claim=claim, refund=refund, count=count),
                lambda: machine.count_goods(count=difference),
                machine.let_time_pass,
                machine.expire,
            ]
        )
