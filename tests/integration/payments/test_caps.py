"""Many claims at once on the last of a cap, by two workers, and all delivered again."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chassis.consumer.applier import Applier, Unavailable
from chassis.envelope import message_json
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from chassis.mongo import atomically, collection
from services.matching.claims.events import PlaceHold, ReleaseHold
from services.payments.contracts.repositories import MongoContracts
from services.payments.escrow.domain import EscrowState
from services.payments.escrow.handlers import command_handlers
from services.payments.escrow.repositories import MongoEscrows
from services.payments.funds.domain import Caps, Deposit
from services.payments.funds.repositories import MongoOfferFunds
from services.payments.funds.use_cases import OpenFund, open_fund
from services.payments.ledger.domain import QUOTA
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer
from tests.backbone import QUICK, as_letter, stamp
from tests.builders.payments import BRAND, NOW, PARTIES, TERMS, an_id
from tests.integration.payments.house import money

SUBSIDY = 80_000
HOSTS, CLAIMS_EACH, TRIES = 6, 4, 20
PLENTY = 100

# Which cap binds, what each lets through of the claims, and the code of the others' refusal.
BINDING = [
    ({"fund": 7}, 7, "not-enough-funds"),
    ({"host": 3}, 3 * HOSTS, "subsidy-host-cap-reached"),
    ({"period": 10}, 10, "subsidy-period-cap-reached"),
]


class Room:
    """Two workers of payments over one log, one inbox and one set of documents."""

    def __init__(self) -> None:
        self.ledgers = [
            Sequencer(lambda: Writer("main", MongoLog(), system_clock)) for _ in range(2)
        ]

    def open(self, *, fund: int = PLENTY, host: int = PLENTY, period: int = PLENTY) -> str:
        """A funded offer, each of whose caps has room for so many claims."""
        offer = an_id("off")
        money = Money(fund * SUBSIDY, "CNY")
        caps = Caps(
            per_host=host * SUBSIDY, per_period=period * SUBSIDY, period_days=7, starts_at=NOW
        )
        command = OpenFund(offer_id=offer, brand_id=BRAND, cap=money, caps=caps)
        atomically(lambda: open_fund(command, funds=MongoOfferFunds()))
        deposit = Deposit(an_id("dep"), offer, f"offer:{offer}:fund", money, NOW)
        self.ledgers[0].submit([deposit.entry()])[0].or_raise()
        return offer

    def deliver(self, messages, seed):
        """Deal the messages to both workers at once, a third of them to both."""
        chance = random.Random(seed)
        letters = [
            as_letter(message_json(one, stamp=stamp("/matching/1")), topic=one.topic)
            for one in messages
        ]
        hand = [*letters, *chance.sample(letters, len(letters) // 3)]
        chance.shuffle(hand)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._work, self.ledgers, (hand[::2], hand[1::2])))

    def _work(self, ledger, letters):
        handlers = command_handlers(
            MongoEscrows(), MongoContracts(), MongoOfferFunds(), ledger, lambda: NOW
        )
        applier = Applier("payments.commands", handlers, QUICK)
        for start in range(0, len(letters), 5):
            self._take(applier, letters[start : start + 5])

    def _take(self, applier, letters):
        for _ in range(TRIES):
            try:
                return applier.take(letters)
            except Unavailable:  # as the loop does: everything once more
                continue
        raise AssertionError(f"still not decided after {TRIES} tries")

    def left(self, path: str, currency: str) -> int:
        """What the books, read anew, have available on an account."""
        writer = Writer("main", MongoLog(), system_clock)
        writer.catch_up()
        return writer.books.accounts.balance(path, currency).available


@pytest.fixture
def room(database):
    found = Room()
    yield found
    for ledger in found.ledgers:
        ledger.close()


def claims_on(offer, hosts, at=NOW):
    return [
        PlaceHold(
            id=an_id("msg"),
            correlation_id=an_id("sag"),
            occurred_at=at,
            claim_id=an_id("clm"),
            offer_id=offer,
            brand_id=BRAND,
            host_id=host,
            amount=Money(SUBSIDY, "CNY"),
            terms=TERMS,
            requested_at=at,
        )
        for host in hosts
        for _ in range(CLAIMS_EACH)
    ]


def ended(commands):
    return MongoEscrows().find([command.claim_id for command in commands])


def placed(commands):
    states = ended(commands)
    return [one for one in commands if states[one.claim_id].state is EscrowState.HELD]


def answers():
    rows = collection("outbox").find({"topic": "teahouse.matching.saga-replies"})
    return Counter(row["type"] for row in rows)


class TestClaimsAtOnceOnTheLastOfACap:
    @pytest.mark.parametrize("run", range(10))
    @pytest.mark.parametrize(("room_for", "fit", "code"), BINDING)
    def test_give_exactly_what_fits_and_name_the_cap(self, room, room_for, fit, code, run):
        offer, hosts = room.open(**room_for), [an_id("org") for _ in range(HOSTS)]
        commands = claims_on(offer, hosts)

        room.deliver(commands, run)

        assert len(placed(commands)) == fit
        refused = [one for one in ended(commands).values() if one.state is EscrowState.REFUSED]
        assert {one.refusal for one in refused} == {code}
        assert answers() == {
            "payments.reply.hold-placed.v1": fit,
            "payments.reply.hold-refused.v1": len(commands) - fit,
        }
        taken = fit * SUBSIDY
        assert (
            room.left(f"offer:{offer}:fund", "CNY")
            == room_for.get("fund", PLENTY) * (SUBSIDY) - taken
        )
        assert max(Counter(one.host_id for one in placed(commands)).values()) <= room_for.get(
            "host", PLENTY
        )

    @pytest.mark.parametrize("run", range(3))
    def test_what_is_given_back_while_others_claim_fits_again_and_no_more(self, room, run):
        offer, hosts = room.open(period=10), [an_id("org") for _ in range(HOSTS)]
        first = claims_on(offer, hosts)
        room.deliver(first, run)
        back = [
            ReleaseHold(
                id=an_id("msg"),
                correlation_id=an_id("sag"),
                occurred_at=NOW,
                claim_id=one.claim_id,
                offer_id=offer,
                reason="claim-cancelled",
            )
            for one in placed(first)[:4]
        ]
        meanwhile, after = claims_on(offer, hosts), claims_on(offer, hosts)

        room.deliver([*back, *meanwhile], run)
        room.deliver(after, run)

        assert len(placed([*first, *meanwhile, *after])) == 10
        (quota,) = {
            account
            for escrow in ended(after).values()
            for part in escrow.parts
            for account in part.quotas
            if account.endswith(":period")
        }
        assert room.left(quota, QUOTA) == 0

    def test_the_next_period_has_room_of_its_own(self, room):
        offer, hosts = room.open(period=5), [an_id("org") for _ in range(2)]
        now, later = claims_on(offer, hosts), claims_on(offer, hosts, NOW + timedelta(days=7))

        room.deliver([*now, *later], 0)

        assert (len(placed(now)), len(placed(later))) == (5, 5)


class TestASubsidyThatIsReturned:
    @pytest.mark.parametrize(("guests", "left"), [(16, 0), (11, SUBSIDY)])
    def test_frees_its_caps_when_too_few_came_and_keeps_them_used_when_paid(
        self, house, guests, left
    ):
        offer, claim = an_id("off"), an_id("clm")
        gathering, host = an_id("gth"), PARTIES["host"][0]
        house.hear(
            "catalog.offer.opened.v1",
            offer_id=offer,
            brand_id=BRAND,
            total_cap=money(2 * SUBSIDY),
            opens_at="2026-02-01T00:00:00Z",
            most_per_host=money(SUBSIDY),
            most_per_period=money(SUBSIDY),
            period_days=30,
        )
        deposit = Deposit(an_id("dep"), offer, f"offer:{offer}:fund", Money(SUBSIDY, "CNY"), NOW)
        house.ledger.submit([deposit.entry()])[0].or_raise()
        house.hear(
            "payments.command.place-hold.v1",
            claim_id=claim,
            offer_id=offer,
            brand_id=BRAND,
            host_id=host,
            amount=money(SUBSIDY),
            terms=TERMS,
        )
        house.hear("matching.claim.confirmed.v1", claim_id=claim)
        house.hear("matching.gathering.approved.v1", gathering_id=gathering)
        house.hear(
            "payments.command.settle-gathering.v1",
            gathering_id=gathering,
            claim_id=claim,
            offer_id=offer,
            parties=PARTIES,
            checked_in=guests,
            min_checked_in=12,
        )
        house.work()

        (escrow,) = MongoEscrows().find([claim]).values()
        (part,) = escrow.parts
        assert escrow.state is EscrowState.PAID
        assert {house.balance(quota) for quota in part.quotas} == {left}
        assert house.balance(f"offer:{offer}:fund") == left
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}
