"""Stories of weeks: kits, claimed royalties, releases, payouts, debts; and restored backups."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

from chassis.kernel.money import Money
from services.payments.contracts.domain import Party, SignedKit
from services.payments.destinations.domain import Destination, DestinationState, Schedule
from services.payments.escrow.use_cases import PlaceHold
from services.payments.funds.domain import UNCAPPED, Deposit, OfferFund
from services.payments.providers.domain import Kind
from services.payments.royalties.domain import Outcome
from services.payments.royalties.use_cases import CloseHold, OpenHold
from services.payments.sales.use_cases import RecordSale
from services.payments.sandbox.domain import Fault, FaultRule
from services.payments.settlements.use_cases import CancelGathering, RefundSale, SettleGathering
from tests.builders.payments import AUTHOR, BRAND, HOST, NOW
from tests.simulator import jobs
from tests.simulator.jobs import Job
from tests.simulator.story import NOTHING, Gathering, Story
from tests.unit.payments.ledger.books import MovableClock, SeededIds

_ids = SeededIds(7, MovableClock(NOW))
OTHER_BRAND, CO_AUTHOR, CLAIMANT, CO_CLAIMANT = (_ids("org") for _ in range(4))
TERMS = {"brand": 6000, "host": 2999, "author": 501, "platform": 500}
BRAND_SHARES = {BRAND: 3501, OTHER_BRAND: 2499}
ROYALTIES, PAYEES = {AUTHOR: 7_001, CO_AUTHOR: 2_999}, {CLAIMANT: 3_333, CO_CLAIMANT: 6_667}
AUTHORS = (*ROYALTIES, *PAYEES)
OWNERS = (BRAND, OTHER_BRAND, HOST, *AUTHORS)
DIGEST, LARGEST, OPENING = "sha256:" + "5a" * 32, 40_000, 30_000
LATE, LATER = timedelta(days=10), timedelta(days=11)
USUAL = (None, None, *[Fault.RETURNED_AFTER_PAID] * 4)
FAULTS = (*USUAL, *(fault for fault in Fault if fault is not Fault.PARTIAL))


@dataclass
class Season(Story):
    """A story with what is outside of it: who is paid where, what the provider does wrong.

    ``restored_after`` so many spans of peace a backup is restored, if one was made before.
    """

    destinations: list[Destination] = field(default_factory=list)
    faults: list[FaultRule] = field(default_factory=list)
    reserve: int = 0
    restored_after: int | None = None
    gave: dict[str, dict[str, int]] = field(default_factory=dict)
    copy_claim_id: str = ""

    @property
    def states(self) -> tuple[object, ...]:
        """What there is before it begins."""
        return tuple(self.destinations)


@dataclass
class Evening(Gathering):
    """A gathering under a season's terms, of a kit or of a lot."""

    is_kit: bool = False

    def exact(self, whole: int, party: Party, among: list[Party]) -> Fraction:
        """What a party has of so much, exactly: who is among the authors was ruled on, or not."""
        weights: Mapping[str, int] = {party.organization_id: 1}
        if party.role == "brand" and self.is_kit:
            weights = BRAND_SHARES
        if party.role == "author":
            ruled = {each.organization_id for each in among} & set(PAYEES)
            weights = PAYEES if ruled else ROYALTIES
        part = Fraction(weights[party.organization_id], sum(weights.values()))
        return Fraction(whole * TERMS[party.role], sum(TERMS.values())) * part


def tell_season(seed: int, *, pays_out: bool) -> Season:
    """The story of this seed: with payouts, or with nothing that a backup cannot hold."""
    chance, season = random.Random(f"season {seed}"), Season()
    ids = SeededIds(seed, MovableClock(NOW))
    offers = [ids("off"), ids("off")]
    for place, offer in enumerate(offers):
        season.funds.put(OfferFund(offer, BRAND, NOTHING, NOTHING, UNCAPPED))
        season.deposits[offer] = minor = chance.randint(1, LARGEST)
        paid = Deposit(ids("dep"), offer, f"offer:{offer}:fund", Money(minor, "CNY"), NOW)
        season.add(Job(f"fund-{place}", offer, jobs.deposit(paid)))
    if chance.random() < 0.5:
        _copy_claim(season, chance, ids)
    evenings = chance.choice((1, 1, 2))
    for number in range(evenings):
        late = LATER if number and chance.random() < 0.7 else timedelta(0)
        _evening(season, number, offers, late, chance, ids)
    if pays_out:
        _pay_out(season, chance, ids)
    else:
        season.restored_after = chance.randint(1, 4)
    return season


def _copy_claim(season: Season, chance: random.Random, ids: SeededIds) -> None:
    season.copy_claim_id = ids("cpc")
    opened = OpenHold(
        copy_claim_id=season.copy_claim_id,
        digest=DIGEST,
        claimant_id=CLAIMANT,
        accused_id=AUTHOR,
    )
    outcome = chance.choice(list(Outcome))
    closed = CloseHold(opened=opened, outcome=outcome, payees=PAYEES)
    at = chance.choice((timedelta(0), LATE, LATE))
    season.add(Job("open-copy-claim", season.copy_claim_id, jobs.open_copy_claim(opened)))
    season.add(
        Job("rule-on-copy-claim", season.copy_claim_id, jobs.rule(closed), not_before=NOW + at)
    )


def _evening(
    season: Season,
    number: int,
    offers: list[str],
    late: timedelta,
    chance: random.Random,
    ids: SeededIds,
) -> None:
    is_kit, claim = chance.random() < 0.5, ids("clm")
    given = {offer: chance.randint(1, LARGEST // 3) for offer in offers[: 2 if is_kit else 1]}
    season.gave[claim] = given
    signed = SignedKit(
        kit_id=ids("kit"),
        terms_digest=DIGEST,
        price=Money(1, "CNY"),
        brand_shares=BRAND_SHARES,
        royalties=ROYALTIES,
    )
    hold = PlaceHold(
        message_id=ids("msg"),
        claim_id=claim,
        offer_id="" if is_kit else offers[0],
        brand_id=BRAND,
        host_id=HOST,
        subsidies={offer: Money(minor, "CNY") for offer, minor in given.items()},
        currency="CNY",
        terms=TERMS,
        saga_id=ids("sag"),
        requested_at=NOW,
        kit=signed if is_kit else None,
    )
    end = chance.choice(("settled", "settled", "settled", "cancelled"))
    evening = Evening(ids("gth"), claim, end, is_kit=is_kit)
    season.gatherings.append(evening)
    name = f"hold-{number}"
    season.add(Job(name, claim, jobs.place(hold, season.funds), ("fund-0", "fund-1")))
    confirmed = season.add(Job(f"confirm-{number}", claim, jobs.confirm(claim), (name,), claim))
    _sell(season, evening, number, confirmed, chance, ids, NOW + late)
    common = {
        "message_id": ids("msg"),
        "saga_id": ids("sag"),
        "gathering_id": evening.id,
        "claim_id": claim,
    }
    walk = jobs.cancel(CancelGathering(**common))
    if end == "settled":
        brands = list(BRAND_SHARES) if is_kit else [BRAND]
        authors, here = list(ROYALTIES), {"host": [HOST], "platform": ["platform"]}
        settle = SettleGathering(
            **common,
            parties=here | {"brand": brands, "author": authors},
            checked_in=chance.randint(0, 20),
            min_checked_in=8,
            royalties=ROYALTIES,
            cartridge_digest=DIGEST,
        )
        walk = jobs.settle(settle)
    season.add(Job(f"end-{number}", f"end-{number}", walk, (confirmed,), claim))


def _sell(
    season: Season,
    evening: Evening,
    number: int,
    confirmed: str,
    chance: random.Random,
    ids: SeededIds,
    at: object,
) -> None:
    before, claim = (confirmed,), evening.claim_id
    for place in range(chance.randint(1, 2)):
        sale, minor = ids("sal"), chance.randint(1, LARGEST)
        evening.sales[sale] = minor
        record = RecordSale(gathering_id=evening.id, sale_id=sale, amount=Money(minor, "CNY"))
        name = f"sale-{number}-{place}"
        season.add(Job(name, evening.id, jobs.sell(record), before, claim, not_before=at))
        before = (name,)
        for part in chance.choice([(), (), (1.0,), (0.7, 0.7), (0.4, 0.3)]):
            refund = RefundSale(
                message_id=ids("msg"),
                saga_id=ids("sag"),
                gathering_id=evening.id,
                sale_id=sale,
                refund_id=ids("rfd"),
                amount=Money(max(1, int(minor * part)), "CNY"),
            )
            evening.refunds.append(refund)
            name = f"refund-{number}-{len(evening.refunds)}"
            then = NOW + chance.choice((timedelta(0), LATE, LATE))
            walk = jobs.refund(refund)
            season.add(Job(name, name, walk, (confirmed,), claim, not_before=then))
    closed = jobs.close(evening.id)
    season.add(Job(f"close-{number}", evening.id, closed, before, claim))


def _pay_out(season: Season, chance: random.Random, ids: SeededIds) -> None:
    season.reserve = chance.choice((0, 0, 700))
    for who in (HOST, chance.choice(OWNERS)):
        if who in {destination.organization_id for destination in season.destinations}:
            continue
        season.destinations.append(
            Destination(
                id=ids("dst"),
                organization_id=who,
                provider="sandbox",
                holder="Somebody",
                account=who[-12:].upper(),
                schedule=Schedule.DAILY,
                named_at=NOW,
                state=DestinationState.ACTIVE,
            )
        )
        for _ in range(2):
            fault = chance.choice(FAULTS)
            if fault is not None:
                season.faults.append(FaultRule(ids("flt"), fault, Kind.PAYOUT, who, 1))
