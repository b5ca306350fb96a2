"""What is to happen in one schedule: a few offers, claims and gatherings, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from chassis.kernel.money import Money
from services.payments.contracts.domain import Party
from services.payments.escrow.use_cases import PlaceHold, ReleaseHold
from services.payments.funds.domain import UNCAPPED, Caps, Deposit, OfferFund, Quota
from services.payments.naming.domain import NamingRights
from services.payments.sales.use_cases import RecordSale
from services.payments.settlements.use_cases import CancelGathering, RefundSale, SettleGathering
from tests.builders.payments import NOW, PARTIES, TERMS, FakeOfferFunds, naming_rights
from tests.simulator import jobs
from tests.simulator.jobs import Job
from tests.unit.payments.ledger.books import MovableClock, SeededIds

ENDS = ("settled", "settled", "settled", "cancelled", "rejected", "given-back")
CLAIMS, SALES, LARGEST = 2, 3, 40_000
NOTHING = Money(0, "CNY")
# Earlier seeds keep their stories: some are known to catch a certain broken build.
FIRST_CAPPED = 10_000


@dataclass
class Gathering:
    """One gathering: who is in it, what is sold, what is to go back, and how it ends."""

    id: str
    claim_id: str
    end: str
    sales: dict[str, int] = field(default_factory=dict)
    refunds: list[RefundSale] = field(default_factory=list)

    def exact(self, whole: int, party: Party, among: Sequence[Party]) -> Fraction:
        """What a party has of so much, exactly, beside those others."""
        del among  # each is alone in its role
        return Fraction(whole * TERMS[party.role], sum(TERMS.values()))


@dataclass
class Story:
    """The jobs of a schedule by name, and what was meant by them."""

    jobs: dict[str, Job] = field(default_factory=dict)
    deposits: dict[str, int] = field(default_factory=dict)
    subsidies: dict[str, int] = field(default_factory=dict)
    gatherings: list[Gathering] = field(default_factory=list)
    naming: NamingRights | None = None
    funds: FakeOfferFunds = field(default_factory=lambda: FakeOfferFunds(KeyError))
    quotas: set[Quota] = field(default_factory=set)

    @property
    def states(self) -> tuple[object, ...]:
        """What there is before it begins."""
        return (self.naming,) if self.naming else ()

    def add(self, job: Job) -> str:
        """Take in a job; answer its name."""
        self.jobs[job.name] = job
        return job.name


def tell(seed: int) -> Story:
    """The story of this seed, the same each time."""
    random_, story = random.Random(seed), Story()
    ids = SeededIds(seed, MovableClock(NOW))
    rights = naming_rights(
        id=ids("nam"), price=Money(random_.randint(3, 10_001), "CNY"), gatherings=3
    )
    story.naming = rights
    paid = Deposit(ids("dep"), rights.id, rights.account, rights.price, NOW)
    story.deposits[rights.id] = rights.price.minor
    story.add(Job("pay-naming", rights.id, jobs.deposit(paid)))
    offer = ids("off")
    story.funds.put(OfferFund(offer, PARTIES["brand"][0], NOTHING, NOTHING, _caps(seed)))
    _fund(story, offer, random_, ids)
    for number in range(random_.randint(1, CLAIMS)):
        _claim(story, number, offer, random_, ids)
    return story


def _fund(story: Story, offer: str, random_: random.Random, ids: SeededIds) -> None:
    account, story.deposits[offer] = f"offer:{offer}:fund", 0
    for number in range(random_.randint(1, 2)):
        minor = random_.randint(1, LARGEST)
        story.deposits[offer] += minor
        money = Deposit(ids("dep"), offer, account, Money(minor, "CNY"), NOW)
        story.add(Job(f"fund-{number}", offer, jobs.deposit(money)))


def _caps(seed: int) -> Caps:
    """Every other offer of later seeds has caps, of which each may be what refuses a claim."""
    random_ = random.Random(f"caps of {seed}")
    if seed < FIRST_CAPPED or seed % 2:
        return UNCAPPED
    return Caps(
        per_host=random_.randint(1, 2 * LARGEST),
        per_period=random_.randint(1, 2 * LARGEST),
        period_days=random_.randint(1, 30),
        starts_at=NOW,
    )


def _claim(story: Story, number: int, offer: str, random_: random.Random, ids: SeededIds) -> None:
    claim, end = ids("clm"), random_.choice(ENDS)
    story.subsidies[claim] = random_.randint(0, LARGEST // 2)
    hold = PlaceHold(
        message_id=ids("msg"),
        claim_id=claim,
        offer_id=offer,
        brand_id=PARTIES["brand"][0],
        host_id=PARTIES["host"][0],
        subsidies={offer: Money(story.subsidies[claim], "CNY")},
        currency="CNY",
        terms=TERMS,
        saga_id=ids("sag"),
        requested_at=NOW,
    )
    story.quotas.update(hold.quotas(story.funds.by_id)[offer])
    funded = tuple(name for name in story.jobs if name.startswith(("fund", "pay")))
    placed = story.add(Job(f"hold-{number}", claim, jobs.place(hold, story.funds), funded))
    release = ReleaseHold(
        message_id=ids("msg"), claim_id=claim, offer_id=offer, saga_id=ids("sag")
    )
    gathering = Gathering(ids("gth"), claim, end)
    story.gatherings.append(gathering)
    if end == "rejected":  # a release may overtake its hold
        story.add(Job(f"release-{number}", claim, jobs.let_go(release)))
        return
    confirmed = story.add(Job(f"confirm-{number}", claim, jobs.confirm(claim), (placed,), claim))
    if end == "given-back":
        story.add(Job(f"release-{number}", claim, jobs.let_go(release), (confirmed,), claim))
        return
    _hold_gathering(story, gathering, number, confirmed, random_, ids)


def _hold_gathering(
    story: Story,
    gathering: Gathering,
    number: int,
    confirmed: str,
    random_: random.Random,
    ids: SeededIds,
) -> None:
    before, claim = (confirmed,), gathering.claim_id
    for place in range(random_.randint(0, SALES)):
        sale, minor = ids("sal"), random_.randint(1, LARGEST)
        gathering.sales[sale] = minor
        record = RecordSale(gathering_id=gathering.id, sale_id=sale, amount=Money(minor, "CNY"))
        job = Job(f"sale-{number}-{place}", gathering.id, jobs.sell(record), before, claim)
        before = (story.add(job),)
        for refund in _refunds(gathering, sale, minor, random_, ids):
            gathering.refunds.append(refund)
            name = f"refund-{number}-{len(gathering.refunds)}"
            story.add(Job(name, name, jobs.refund(refund), (confirmed,), claim))
    job = Job(f"close-{number}", gathering.id, jobs.close(gathering.id), before, claim)
    story.add(job)
    _end(story, gathering, number, (confirmed,), random_, ids)


def _end(
    story: Story,
    gathering: Gathering,
    number: int,
    after: tuple[str, ...],
    random_: random.Random,
    ids: SeededIds,
) -> None:
    common = {
        "message_id": ids("msg"),
        "saga_id": ids("sag"),
        "gathering_id": gathering.id,
        "claim_id": gathering.claim_id,
    }
    name, claim = f"end-{number}", gathering.claim_id
    if gathering.end == "cancelled":
        walk = jobs.cancel(CancelGathering(**common))
        story.add(Job(name, name, walk, after, claim))
        return
    settle = SettleGathering(
        **common,
        parties=PARTIES,
        checked_in=random_.randint(0, 20),
        min_checked_in=10,
        naming_rights_id=story.naming.id if story.naming and random_.random() < 0.5 else None,
    )
    story.add(Job(name, name, jobs.settle(settle), after, claim))


def _refunds(
    gathering: Gathering, sale: str, minor: int, random_: random.Random, ids: SeededIds
) -> Iterator[RefundSale]:
    """None, some of it, all of it in parts, or more than there is."""
    parts = random_.choice([(), (), (0.3,), (1.0,), (0.5, 0.5), (0.7, 0.7), (0.4, 0.3, 0.4)])
    for part in parts:
        yield RefundSale(
            message_id=ids("msg"),
            saga_id=ids("sag"),
            gathering_id=gathering.id,
            sale_id=sale,
            refund_id=ids("rfd"),
            amount=Money(max(1, int(minor * part)), "CNY"),
        )
