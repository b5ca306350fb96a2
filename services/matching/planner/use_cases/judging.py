"""Asks the rules of offers, claims and gatherings what goes together, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from heapq import merge

from chassis.kernel.errors import DomainError, RuleBroken
from services.matching.claims.domain import Claim, claim
from services.matching.communities.domain import Community
from services.matching.gatherings.domain import (
    VenueShareTooSmall,
    fit,
    must_be_of_kit,
    must_leave_share,
    plan,
)
from services.matching.gatherings.use_cases import Programme
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
    RoomTooSmall,
    SlotNotFree,
    Tally,
    Theme,
    TooFewPlanned,
)
from services.matching.planner.engine.cash import Cash
from services.matching.planner.engine.pairs import Pair, cheapest_pairs
from services.matching.planner.use_cases.ports import Deal, KitClaim, OwnClaim, SearchPlans
from services.matching.supply.domain import CartridgeVersion, Kit, Slot

_Place = tuple[int, int, int, int, int]
"""Where a combination stands: its rank, then its room, then its deal."""


class EffortSpent(Exception):
    """The rules were asked as often as one search may."""


class Judge:
    """One host's search: which deals she could claim or has, which themes fit which slots.

    Every question is answered by the very rules that a claim or a plan of hers would meet,
    and remembered; claims and plans that nobody makes need no ids. ``tally`` is told what
    stood in the way. Once ``most_checks`` questions were asked, of kits and of the
    rest, the next raises ``EffortSpent``.
    """

    def __init__(  # noqa: PLR0913 - all that the rules look at
        self,
        command: SearchPlans,
        *,
        community: Community,
        deals: Sequence[Deal | OwnClaim | KitClaim],
        slots: Sequence[Slot],
        versions: Sequence[CartridgeVersion],
        settled: int,
        held: int,
        taken: Taken,
        programme: Programme,
        tally: Tally,
        most_checks: int,
        now: datetime,
    ) -> None:
        self._tally, self._programme = tally, programme
        self._command, self._community, self._now = command, community, now
        self._settled, self._held, self._taken = settled, held, taken
        self._host = host_facts(command.host_id, [community], Conduct({}, settled))
        self._deals = sorted(deals, key=lambda deal: (-self._worth(deal), *_order(deal)))
        self._kit_deals = [number for number, deal in enumerate(self._deals) if _has_kit(deal)]
        self._slots = sorted(slots, key=lambda slot: (_rent(slot), slot.starts_at, slot.id))
        self._versions = versions
        self._checks_left = dict.fromkeys((False, True), most_checks)
        self.has_all_kits = True
        self._claims: dict[int, Claim | None] = {}
        self._themes: dict[tuple[int, str | None], tuple[Theme, ...]] = {}
        self._kit_themes: dict[str, CartridgeVersion] = {}
        self._lent: dict[int, bool] = {}
        self._rooms: dict[str, Room] = {}
        too_small = (slot.capacity for slot in slots if slot.capacity < command.people)
        self._largest_too_small = max(too_small, default=0)

    def combinations(self) -> Iterator[Combination]:
        """All that she could claim and plan now, the cheapest first.

        Kits are searched beside the rest and have an effort of their own: many that fit no room
        never hide what else there is. Where it was spent ``has_all_kits`` is false.
        """
        rest = [number for number, deal in enumerate(self._deals) if not _has_kit(deal)]
        both = (self._cheapest(rest, lambda room: bool(self._fitting(room))), self._of_kits())
        return (found for _, found in merge(*both, key=lambda one: one[0]))

    def _of_kits(self) -> Iterator[tuple[_Place, Combination]]:
        try:
            yield from self._cheapest(self._kit_deals, self._fits_a_kit)
        except EffortSpent:
            self.has_all_kits = False

    def _cheapest(
        self, deals: Sequence[int], is_room_good: Callable[[int], bool]
    ) -> Iterator[tuple[_Place, Combination]]:
        """What these deals, given by their numbers, make of all slots, and where it stands."""
        pairs = cheapest_pairs(
            [self._worth(self._deals[number]) for number in deals],
            [_rent(slot) for slot in self._slots],
            contribution=self._command.contribution,
            is_deal_good=lambda place: self._claim(deals[place]) is not None,
            is_room_good=is_room_good,
        )
        for place, room in pairs:
            deal = deals[place]
            self._spend(of_kit=_has_kit(self._deals[deal]))
            if combination := self._together(Pair(deal, room)):
                yield (*combination.cash.rank, room, deal), combination

    def beats(self, last: Combination, subsidy: int) -> bool:
        """Whether it comes before all that goods of so much subsidy could be part of."""
        rent = min(map(_rent, self._slots), default=0)
        return last.cash.rank < Cash(rent, self._command.contribution, subsidy).rank

    def looked(self) -> Looked:
        """Whether there was anything good at all on either side."""
        rooms = range(len(self._slots))
        return Looked(
            has_deal=any(self._claim(deal) for deal in range(len(self._deals))),
            has_theme=any(self._fitting(room) or self._fits_a_kit(room) for room in rooms),
            has_slot=any(map(self._is_lent, rooms)),
        )

    def _together(self, pair: Pair) -> Combination | None:
        """A claim and a room as one plan, unless no theme fits both or the share is too small."""
        deal, lent = self._deals[pair.deal], self._slots[pair.room]
        made = self._claim(pair.deal)
        themes = self._fitting(pair.room, made.kit) if made else ()
        if made is None or not themes:
            return None
        try:
            must_leave_share(made, lent)
        except VenueShareTooSmall as refusal:
            self._tally.note(About.PAIR, refusal)
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
            title=deal.lot.title if isinstance(deal, Deal) else deal.title,
            claim=made,
            is_claimed=isinstance(deal, OwnClaim),
            lent=lent,
            themes=themes,
            contribution=self._command.contribution,
        )

    def _claim(self, number: int) -> Claim | None:
        """What claiming this deal now would ask for; None when a rule is against it."""
        if number not in self._claims:
            deal = self._deals[number]
            self._spend(of_kit=_has_kit(deal))
            made = self._claimed(deal) if isinstance(deal, Deal) else self._served(deal)
            self._claims[number] = made
        return self._claims[number]

    def _served(self, deal: OwnClaim | KitClaim) -> Claim | None:
        """A claim she has, or of a kit, if it serves so many people and has so many packs."""
        made = deal.claim
        try:
            if made.packs < self._command.packs:
                raise PacksNotFree
            self._must_be_earned(made.min_checked_in, made.currency)
            if made.kit:
                digest = must_be_of_kit(made.kit, self._command.cartridge_digest)
                self._kit_themes[made.kit.id] = self._programme.version(digest)
        except DomainError as refusal:
            about = About.CLAIM if isinstance(deal, OwnClaim) else About.KIT
            self._tally.note(about, refusal)
            return None
        return made

    def _claimed(self, deal: Deal) -> Claim | None:
        facts = brand_subsidy([deal.offer.facts()], self._now)
        room = self._room(deal.offer)
        said = explain(deal.lot.facts(), facts, self._host, self._now, room=room)
        if said.objections:
            self._tally.note(About.LOT, said.objections[0])
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
            self._tally.note(About.LOT, refusal)
            return None

    def _must_have_enough(self, deal: Deal, *, packs_free: int) -> None:
        """Raise what the catalog, or the subsidy's own terms, would say of these numbers."""
        if self._command.packs > packs_free:
            raise PacksNotFree
        self._must_be_earned(deal.offer.min_checked_in, deal.offer.subsidy.currency)

    def _must_be_earned(self, min_checked_in: int, currency: str) -> None:
        """Raise what keeps so many people from earning a subsidy in the search's currency."""
        if self._command.people < min_checked_in:
            raise TooFewPlanned
        if currency != self._command.currency:
            raise OtherCurrency

    def _fits_a_kit(self, number: int) -> bool:
        """Whether the theme of any kit she could have fits this slot."""
        claims = (self._claim(deal) for deal in self._kit_deals)
        return any(self._fitting(number, made.kit) for made in claims if made)

    def _fitting(self, number: int, kit: Kit | None = None) -> tuple[Theme, ...]:
        """The themes that fit this slot, of a kit its own; none when it is not free to her."""
        key = number, kit.id if kit else None
        if key not in self._themes:
            themes = self._themes_for(self._slots[number], kit) if self._is_lent(number) else ()
            self._themes[key] = tuple(themes)
        return self._themes[key]

    def _is_lent(self, number: int) -> bool:
        """Whether a slot is for so many, free to her, and for money of the search's currency."""
        if number not in self._lent:
            refusal = self._against(self._slots[number])
            if refusal:
                self._tally.note(About.SLOT, refusal)
            self._lent[number] = refusal is None
        return self._lent[number]

    def _against(self, lent: Slot) -> RuleBroken | None:
        if lent.capacity < self._command.people:
            return RoomTooSmall(most=self._largest_too_small)
        if not lent.is_open_to(self._command.host_id, self._now):
            return SlotNotFree()
        if lent.rent and lent.rent.currency != self._command.currency:
            return OtherCurrency()
        return None

    def _themes_for(self, lent: Slot, kit: Kit | None) -> Iterator[Theme]:
        for version in [self._kit_themes[kit.id]] if kit else self._versions:
            self._spend(of_kit=kit is not None)
            try:
                fitted = fit(
                    version,
                    lent,
                    people=self._command.people,
                    kit=kit,
                    portrait=self._community.portrait,
                    held=self._held,
                )
            except RuleBroken as refusal:
                self._tally.note(About.KIT if kit else About.CARTRIDGE, refusal)
            else:
                yield Theme(version, fitted)

    def _room(self, offer: SubsidyOffer) -> Room:
        if offer.id not in self._rooms:
            host_id = self._command.host_id
            self._rooms[offer.id] = room_for(host_id, offer.facts(), self._taken, self._now)
        return self._rooms[offer.id]

    def _worth(self, deal: Deal | OwnClaim | KitClaim) -> int:
        if isinstance(deal, Deal):
            return deal.offer.worth(deal.lot.best_before, self._now).amount
        return deal.claim.subsidy.minor

    def _spend(self, *, of_kit: bool) -> None:
        if not self._checks_left[of_kit]:
            raise EffortSpent
        self._checks_left[of_kit] -= 1


def _order(deal: Deal | OwnClaim | KitClaim) -> tuple[int, str, str]:
    """Of deals worth the same: what she has already first, for nothing more is to be claimed."""
    if isinstance(deal, OwnClaim):
        return 0, deal.claim.id, ""
    if isinstance(deal, Deal):
        return 1, deal.lot.id, deal.offer.id
    return 2, deal.claim.kit_id or "", ""


def _has_kit(deal: Deal | OwnClaim | KitClaim) -> bool:
    return not isinstance(deal, Deal) and deal.claim.kit is not None


def _rent(slot: Slot) -> int:
    return slot.rent.minor if slot.rent else 0
