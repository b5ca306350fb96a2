"""Asks the rules of offers, claims and gatherings what goes together, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from chassis.kernel.errors import RuleBroken
from services.matching.claims.domain import Claim, claim
from services.matching.communities.domain import Community
from services.matching.gatherings.domain import (
    VenueShareTooSmall,
    fit,
    must_leave_share,
    plan,
)
from services.matching.offers.domain import SubsidyOffer, explain, host_facts
from services.matching.offers.engine.rules import Room, brand_subsidy
from services.matching.offers.use_cases import Taken, room_for
from services.matching.pictures.domain import Conduct
from services.matching.planner.domain import (
    About,
    Combination,
    Looked,
    OtherCurrency,
    PacksNotFree,
    SlotNotFree,
    Tally,
    Theme,
    TooFewPlanned,
)
from services.matching.planner.engine.cash import Cash
from services.matching.planner.engine.pairs import Pair, cheapest_pairs
from services.matching.planner.use_cases.ports import Deal, OwnClaim, SearchPlans
from services.matching.supply.domain import CartridgeVersion, Slot


class EffortSpent(Exception):
    """The rules were asked as often as one search may."""


class Judge:
    """One host's search: which deals she could claim or has, which themes fit which slots.

    Every question is answered by the very rules that a claim or a plan of hers would meet,
    and remembered; claims and plans that nobody makes need no ids. ``tally`` counts what stood
    in the way. Once ``most_checks`` questions were asked, the next raises ``EffortSpent``.
    """

    def __init__(  # noqa: PLR0913 - all that the rules look at
        self,
        command: SearchPlans,
        *,
        community: Community,
        deals: Sequence[Deal | OwnClaim],
        slots: Sequence[Slot],
        versions: Sequence[CartridgeVersion],
        settled: int,
        held: int,
        taken: Taken,
        most_checks: int,
        now: datetime,
    ) -> None:
        self.tally = Tally()
        self._command, self._community, self._now = command, community, now
        self._settled, self._held, self._taken = settled, held, taken
        self._host = host_facts(command.host_id, [community], Conduct({}, settled))
        self._deals = sorted(deals, key=lambda deal: (-self._worth(deal), *_order(deal)))
        self._slots = sorted(slots, key=lambda slot: (_rent(slot), slot.starts_at, slot.id))
        self._versions = versions
        self._checks_left = most_checks
        self._claims: dict[int, Claim | None] = {}
        self._themes: dict[int, tuple[Theme, ...]] = {}
        self._rooms: dict[str, Room] = {}
        self._has_slot = False

    def combinations(self) -> Iterator[Combination]:
        """All that she could claim and plan now, the cheapest first."""
        pairs = cheapest_pairs(
            [self._worth(deal) for deal in self._deals],
            [_rent(slot) for slot in self._slots],
            contribution=self._command.contribution,
            is_deal_good=lambda deal: self._claim(deal) is not None,
            is_room_good=lambda room: bool(self._fitting(room)),
        )
        for pair in pairs:
            self._spend()
            if combination := self._together(pair):
                yield combination

    def beats(self, last: Combination, subsidy: int) -> bool:
        """Whether it comes before all that goods of so much subsidy could be part of."""
        rent = min(map(_rent, self._slots), default=0)
        return last.cash.rank < Cash(rent, self._command.contribution, subsidy).rank

    def looked(self) -> Looked:
        """Whether there was anything good at all on either side."""
        return Looked(
            has_deal=any(self._claim(deal) for deal in range(len(self._deals))),
            has_theme=any(self._fitting(room) for room in range(len(self._slots))),
            has_slot=self._has_slot,
        )

    def _together(self, pair: Pair) -> Combination | None:
        """A claim and a room as one plan, unless the venue wants more than the terms leave."""
        deal, lent = self._deals[pair.deal], self._slots[pair.room]
        made, themes = self._claim(pair.deal), self._fitting(pair.room)
        if made is None:
            return None
        try:
            must_leave_share(made, lent)
        except VenueShareTooSmall as refusal:
            self.tally.note(About.PAIR, refusal)
            return None
        plan(
            "",
            title="",
            claim=made,
            **themes[0].fit._asdict(),
            co_host_ids=self._command.co_host_ids,
            naming_rights_id=None,
            now=self._now,
        )
        return Combination(
            title=deal.title if isinstance(deal, OwnClaim) else deal.lot.title,
            claim=made,
            is_claimed=isinstance(deal, OwnClaim),
            lent=lent,
            themes=themes,
            contribution=self._command.contribution,
        )

    def _claim(self, number: int) -> Claim | None:
        """What claiming this deal now would ask for; None when a rule is against it."""
        if number not in self._claims:
            self._spend()
            deal = self._deals[number]
            made = self._had(deal) if isinstance(deal, OwnClaim) else self._claimed(deal)
            self._claims[number] = made
        return self._claims[number]

    def _had(self, own: OwnClaim) -> Claim | None:
        """A claim she has, if it serves so many people and has so many packs."""
        try:
            if own.claim.packs < self._command.packs:
                raise PacksNotFree
            self._must_be_earned(own.claim.min_checked_in, own.claim.currency)
        except RuleBroken as refusal:
            self.tally.note(About.CLAIM, refusal)
            return None
        return own.claim

    def _claimed(self, deal: Deal) -> Claim | None:
        facts = brand_subsidy([deal.offer.facts()], self._now)
        room = self._room(deal.offer)
        said = explain(deal.lot.facts(), facts, self._host, self._now, room=room)
        if said.objections:
            self.tally.note(About.LOT, said.objections[0])
            return None
        try:
            self._must_have_enough(deal, packs_free=said.packs_free)
            return claim(
                "",
                community=self._community,
                lot=deal.lot,
                offer=deal.offer,
                packs=self._command.packs,
                settled=self._settled,
                now=self._now,
            ).state
        except RuleBroken as refusal:
            self.tally.note(About.LOT, refusal)
            return None

    def _must_have_enough(self, deal: Deal, *, packs_free: int) -> None:
        """Raise what the catalog, or the subsidy's own terms, would say of these numbers."""
        lot, offer, wished = deal.lot, deal.offer, self._command
        held = lot.packs_by_host().get(wished.host_id, 0)
        if wished.packs > min(packs_free, lot.max_packs_per_host - held):
            raise PacksNotFree
        self._must_be_earned(offer.min_checked_in, offer.subsidy.currency)

    def _must_be_earned(self, min_checked_in: int, currency: str) -> None:
        """Raise what keeps so many people from earning a subsidy in the search's currency."""
        if self._command.people < min_checked_in:
            raise TooFewPlanned
        if currency != self._command.currency:
            raise OtherCurrency

    def _fitting(self, number: int) -> tuple[Theme, ...]:
        """The themes that fit this slot, none when it is not free to her."""
        if number not in self._themes:
            self._themes[number] = tuple(self._themes_for(self._slots[number]))
        return self._themes[number]

    def _themes_for(self, lent: Slot) -> Iterator[Theme]:
        wished = self._command
        if not lent.is_open_to(wished.host_id, self._now):
            self.tally.note(About.SLOT, SlotNotFree())
            return
        if lent.rent and lent.rent.currency != wished.currency:
            self.tally.note(About.SLOT, OtherCurrency())
            return
        self._has_slot = True
        for version in self._versions:
            self._spend()
            try:
                fitted = fit(
                    version,
                    lent,
                    people=wished.people,
                    portrait=self._community.portrait,
                    held=self._held,
                )
            except RuleBroken as refusal:
                self.tally.note(About.CARTRIDGE, refusal)
            else:
                yield Theme(version, fitted)

    def _room(self, offer: SubsidyOffer) -> Room:
        if offer.id not in self._rooms:
            host_id = self._command.host_id
            self._rooms[offer.id] = room_for(host_id, offer.facts(), self._taken, self._now)
        return self._rooms[offer.id]

    def _worth(self, deal: Deal | OwnClaim) -> int:
        if isinstance(deal, OwnClaim):
            return deal.claim.subsidy.minor
        return deal.offer.worth(deal.lot.best_before, self._now).amount

    def _spend(self) -> None:
        if not self._checks_left:
            raise EffortSpent
        self._checks_left -= 1


def _order(deal: Deal | OwnClaim) -> tuple[bool, str, str]:
    """Of deals worth the same: what she has already first, for nothing more is to be claimed."""
    if isinstance(deal, OwnClaim):
        return False, deal.claim.id, ""
    return True, deal.lot.id, deal.offer.id


def _rent(slot: Slot) -> int:
    return slot.rent.minor if slot.rent else 0
