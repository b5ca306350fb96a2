"""Which rules keep a lot from a host: one code a rule, in the order they are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import HostFacts, LotFacts, SubsidyFacts
from services.matching.offers.engine.ramp import Ramp


class Reason(StrEnum):
    """Why a host cannot have a lot."""

    LOT_CLOSED = "lot-closed"
    LOT_EXPIRED = "lot-expired"
    SOLD_OUT = "sold-out"
    OFFER_NOT_OPEN = "offer-not-open"
    SUBSIDY_EXHAUSTED = "subsidy-exhausted"
    NO_COMMUNITY = "no-community"
    OTHER_CITY = "other-city"
    COMMUNITY_TOO_SMALL = "community-too-small"
    HOST_CAP_REACHED = "host-cap-reached"
    KEPT_FOR_NEWCOMERS = "kept-for-newcomers"
    HELD_FOR_ANOTHER = "held-for-another"
    SUBSIDY_HOST_CAP_REACHED = "subsidy-host-cap-reached"
    SUBSIDY_PERIOD_CAP_REACHED = "subsidy-period-cap-reached"
    NOT_ELIGIBLE = "not-eligible"


@dataclass(frozen=True, slots=True)
class Room:
    """What is left of an offer for one host, in minor units: in all, by her cap, now.

    None is no such cap. It is as much as matching knows; payments decides.
    """

    total: int
    host: int | None = None
    period: int | None = None
    next_period_at: datetime | None = None

    def reasons_against(self, amount: int) -> tuple[Reason, ...]:
        """The caps that leave too little for a subsidy of so much."""
        checks = (
            (self.host, Reason.SUBSIDY_HOST_CAP_REACHED),
            (self.period, Reason.SUBSIDY_PERIOD_CAP_REACHED),
        )
        return tuple(reason for left, reason in checks if left is not None and left < amount)


@dataclass(frozen=True, slots=True)
class BrandSubsidy:
    """The best subsidy a brand gives at a moment, or the reason why it gives none."""

    best: SubsidyFacts | None
    reason: Reason | None

    @property
    def ramp(self) -> Ramp | None:
        """How it rises as goods near their best-before date, if it does."""
        return self.best.ramp if self.best else None

    @property
    def limits(self) -> tuple[object, ...]:
        """Whatever decides what any goods are worth: the same as long as this is."""
        if not self.best or not self.ramp:
            return (self.best and self.best.subsidy,)
        return (self.best.subsidy, self.ramp, min(self.best.left, self.ramp.most))

    def amount_for(self, lot: LotFacts, now: datetime) -> int:
        """Minor units that a gathering with this lot gets now; 0 when none is given."""
        return self.best.worth(lot.best_before, now).amount if self.best else 0


class Outlook(NamedTuple):
    """What may be hoped for of a brand that gives no subsidy now.

    When its next offer opens, and how many minor units the fullest of those that run is short
    of one more gathering; None where there is no such offer.
    """

    opens_at: datetime | None = None
    short: int | None = None


NO_OUTLOOK = Outlook()


def outlook_of(offers: Sequence[SubsidyFacts], now: datetime) -> Outlook:
    """What may be hoped for of these offers, none of them closed."""
    ahead = (offer.opens_at for offer in offers if now < offer.opens_at)
    spent = (o.subsidy - o.left for o in offers if o.is_open(now) and o.is_exhausted)
    return Outlook(min(ahead, default=None), min(spent, default=None))


def brand_subsidy(offers: Iterable[SubsidyFacts], now: datetime) -> BrandSubsidy:
    """Choose the highest open subsidy that has money left; of equals the oldest."""
    running = [offer for offer in offers if offer.is_open(now)]
    if not running:
        return BrandSubsidy(None, Reason.OFFER_NOT_OPEN)
    paying = [offer for offer in running if not offer.is_exhausted]
    if not paying:
        return BrandSubsidy(None, Reason.SUBSIDY_EXHAUSTED)
    return BrandSubsidy(min(paying, key=lambda o: (-o.subsidy, o.offer_id)), None)


def reasons_against(
    lot: LotFacts, subsidy: BrandSubsidy, host: HostFacts, now: datetime
) -> tuple[Reason, ...]:
    """Every rule that keeps this lot from this host at this moment; none means eligible."""
    return (*reasons_of_lot(lot, subsidy, now), *_reasons_of_host(lot, host, now))


def reasons_of_lot(lot: LotFacts, subsidy: BrandSubsidy, now: datetime) -> tuple[Reason, ...]:
    """The reasons that keep a lot from every host alike."""
    checks = (
        (lot.is_closed, Reason.LOT_CLOSED),
        (lot.ends_at <= now, Reason.LOT_EXPIRED),
        (lot.packs_free <= 0, Reason.SOLD_OUT),
    )
    found = tuple(reason for holds, reason in checks if holds)
    return (*found, subsidy.reason) if subsidy.reason else found


def is_left_out(
    lot: LotFacts, host: HostFacts, score: int, now: datetime, model: str = ""
) -> bool:
    """Whether a host who may have a lot does not see it in her list, for others want it more.

    The score is by the model of that version. She does where packs of it are held for her.
    """
    least = lot.least_on(day(now), model)
    return least is not None and score < least and lot.held_until(host, now) is None


def _reasons_of_host(lot: LotFacts, host: HostFacts, now: datetime) -> Iterable[Reason]:
    reach = host.reach_of(lot.places)
    if host.largest == 0:
        yield Reason.NO_COMMUNITY
    elif reach == 0:
        yield Reason.OTHER_CITY
    elif reach < lot.min_community_size:
        yield Reason.COMMUNITY_TOO_SMALL
    if host.host_id in lot.capped_hosts:
        yield Reason.HOST_CAP_REACHED
    if lot.packs_free > 0 and not lot.free_for(host, now):
        is_kept = not lot.unheld_for(host, now)
        yield Reason.KEPT_FOR_NEWCOMERS if is_kept else Reason.HELD_FOR_ANOTHER
