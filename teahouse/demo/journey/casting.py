"""Who does what: which claims are made, which gatherings stand on them, how each ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from teahouse.demo.journey.arrivals import STORY_HOSTS
from teahouse.demo.journey.claiming import Claimed, Wish
from teahouse.demo.journey.opening import CLAIMS_A_FUND, EVENINGS, FEWEST_GUESTS
from teahouse.demo.journey.plans import Ending, Plan, Return
from teahouse.demo.journey.shelf import Found, Shelf
from teahouse.demo.journey.stories import HAIR, STORIES, Basket, Story
from teahouse.demo.journey.town import Brand, Host, Slot, Town
from teahouse.demo.scale import Scale
from teahouse.demo.trouble import DemoTrouble

REGULAR = 5  # further gatherings of the tea meeting, under naming rights like its stories
SPARE_CLAIMS_A_BRAND = 5  # of a fund's, kept for what is not planned here

GUESTS = (6, 5, 7, 6, 8, 10)
EACH_BUYS = 2
LOW_TURNOUT = FEWEST_GUESTS - 2

REGULAR_PURPOSE, SEWING_PURPOSE, ENCORE_PURPOSE = "tea regular", "sewing circle", "encore"
ORDINARY_PURPOSE, PLAIN_PURPOSE = "ordinary", "plain"

# What is special about the n-th ordinary gathering; all others end by the rule below.
CANCELLED_PLACE, RULING_PLACE, LOW_TURNOUT_PLACE, LATE_PLACE = 7, 5, 8, 10
SILENT_EVERY = 3
CO_HOSTED_EVERY = 3
COMES_BACK: Mapping[int, Return] = {
    1: Return.WHOLE_BEFORE,
    2: Return.WHOLE_AFTER,
    4: Return.PART_BEFORE,
    6: Return.PART_AFTER,
    9: Return.WHOLE_BEFORE,
    11: Return.PART_AFTER,
}

Menu = Sequence[Found]


@dataclass(slots=True)
class Cast:
    """The claims to be made at an even pace, and the gatherings that will stand on them."""

    wishes: list[Wish] = field(default_factory=list)
    goods: dict[str, Found] = field(default_factory=dict)
    shelf: Shelf = field(default_factory=lambda: Shelf(CLAIMS_A_FUND - SPARE_CLAIMS_A_BRAND))

    def of(self, purpose: str) -> list[Wish]:
        """The claims made for one purpose."""
        return [wish for wish in self.wishes if wish.purpose == purpose]


class NotEnoughChoice(DemoTrouble):
    """Hosts found too little that suits them for the demo to be played."""


def tea_host(town: Town) -> Host:
    """The host whose gatherings really happened."""
    return _host(town, STORY_HOSTS[0])


def sewing_host(town: Town) -> Host:
    """The host who helps her, and has a small series of her own."""
    return _host(town, STORY_HOSTS[1])


def cast(town: Town, scale: Scale, menus: Mapping[str, Menu], told: Mapping[str, Found]) -> Cast:
    """Choose every steady claim; ``told`` are the lots of the stories, by the story's key."""
    chosen = Cast()
    tea, sewing = tea_host(town), sewing_host(town)
    for story in STORIES:
        _add(chosen, tea, [told[story.key]], units=story.units, purpose=story.key)
    _add(chosen, sewing, [told[HAIR.key]], units=HAIR.units, purpose=ENCORE_PURPOSE)
    for _ in range(REGULAR):
        _add(chosen, tea, menus[tea.id], units=GUESTS[0], purpose=REGULAR_PURPOSE)
    _add(chosen, sewing, menus[sewing.id], units=GUESTS[0], purpose=SEWING_PURPOSE)
    _add_ordinary(chosen, town, menus, scale.ordinary_gatherings)
    _add_plain(chosen, town, menus, scale.steady_claims)
    return chosen


def _add_ordinary(chosen: Cast, town: Town, menus: Mapping[str, Menu], count: int) -> None:
    """One gathering each for hosts who find enough for all their guests."""
    for host in town.hosts:
        if len(chosen.of(ORDINARY_PURPOSE)) == count:
            return
        guests = GUESTS[len(chosen.of(ORDINARY_PURPOSE)) % len(GUESTS)]
        for units in (EACH_BUYS * guests, guests):
            if _try(chosen, host, menus[host.id], units=units, purpose=ORDINARY_PURPOSE):
                break
    if len(chosen.of(ORDINARY_PURPOSE)) < count:
        raise NotEnoughChoice(f"{len(chosen.of(ORDINARY_PURPOSE))} of {count} gatherings")


def _add_plain(chosen: Cast, town: Town, menus: Mapping[str, Menu], count: int) -> None:
    """Claims without a gathering so far, round after round of the hosts."""
    ordinary = [host for host in town.hosts if host.party.name not in STORY_HOSTS]
    while len(chosen.wishes) < count:
        before = len(chosen.wishes)
        for host in reversed(ordinary):
            if len(chosen.wishes) < count:
                _try(chosen, host, menus[host.id], units=1, purpose=PLAIN_PURPOSE)
        if len(chosen.wishes) == before:
            raise NotEnoughChoice(f"{before} of {count} claims")


def _add(chosen: Cast, host: Host, menu: Menu, *, units: int, purpose: str) -> None:
    if not _try(chosen, host, menu, units=units, purpose=purpose):
        raise NotEnoughChoice(f"nothing for {purpose}: {units} units for {host.party.name}")


def _try(chosen: Cast, host: Host, menu: Menu, *, units: int, purpose: str) -> bool:
    picked = chosen.shelf.pick(host, menu, units=units, purpose=purpose)
    if picked is None:
        return False
    wish, found = picked
    chosen.wishes.append(wish)
    chosen.goods[found.lot_id] = found
    return True


def _host(town: Town, name: str) -> Host:
    return next(host for host in town.hosts if host.party.name == name)


class Programme:
    """Makes plans out of confirmed claims; hands out every slot once."""

    def __init__(self, town: Town, goods: Mapping[str, Found]) -> None:
        self._town = town
        self._goods = goods
        self._free = {
            evening: iter([slot for slot in town.slots if slot.evening == evening])
            for evening in range(EVENINGS)
        }
        self._themes = cycle(town.themes)

    def plans(
        self, claimed: Sequence[Claimed], *, tea_rights: str, small_rights: str
    ) -> list[Plan]:
        """The gatherings of all these claims, the stories first."""
        by_purpose = {claim.wish.purpose: claim for claim in claimed}
        tea = [
            self._story(by_purpose[story.key], story, evening, tea_rights)
            for evening, story in enumerate(STORIES)
        ]
        regular = [claim for claim in claimed if claim.wish.purpose == REGULAR_PURPOSE]
        tea += [
            self._usual(claim, f"Tea meeting, week {week}", evening=week % EVENINGS)
            for week, claim in enumerate(regular)
        ]
        for plan in tea:
            plan.naming_rights_id = tea_rights
        encore = self._story(by_purpose[ENCORE_PURPOSE], HAIR, EVENINGS - 1, None)
        encore.title, encore.goes_back = "Hair ornaments once more", Return.WHOLE_AFTER
        sewing = self._usual(by_purpose[SEWING_PURPOSE], "Thursday sewing circle", evening=1)
        sewing.naming_rights_id = small_rights
        ordinary = [claim for claim in claimed if claim.wish.purpose == ORDINARY_PURPOSE]
        return [*tea, encore, sewing, *map(self._ordinary, range(len(ordinary)), ordinary)]

    def another_slot(self, evening: int) -> Slot:
        """A slot that nobody has been given."""
        return next(self._free[evening])

    def _story(self, claim: Claimed, story: Story, evening: int, rights: str | None) -> Plan:
        helper = sewing_host(self._town)
        if claim.wish.host is helper:
            helper = tea_host(self._town)
        plan = self._plan(claim, story.what, story.baskets, evening, story.min_checked_in)
        plan.story, plan.co_host, plan.naming_rights_id = story, helper, rights
        return plan

    def _usual(self, claim: Claimed, title: str, *, evening: int) -> Plan:
        return self._plan(claim, title, self._baskets(claim, GUESTS[0]), evening, FEWEST_GUESTS)

    def _ordinary(self, place: int, claim: Claimed) -> Plan:
        guests = LOW_TURNOUT if place == LOW_TURNOUT_PLACE else GUESTS[place % len(GUESTS)]
        plan = self._plan(
            claim,
            f"An evening with {claim.wish.host.party.name}",
            self._baskets(claim, guests),
            place % EVENINGS,
            FEWEST_GUESTS,
        )
        plan.goes_back = COMES_BACK.get(place, Return.NOTHING)
        if place == CANCELLED_PLACE:
            plan.ending = Ending.CANCELLED
        elif place == RULING_PLACE:
            plan.ending = Ending.RULING
        elif place % SILENT_EVERY == 0:
            plan.ending = Ending.SILENCE
        if place % CO_HOSTED_EVERY == 1:
            plan.co_host = self._town.hosts[-3 - place]  # one without a gathering of her own
        return plan

    def _baskets(self, claim: Claimed, guests: int) -> tuple[Basket, ...]:
        """What was claimed, handed out to the guests as evenly as it goes."""
        found = self._goods[claim.wish.lot_id]
        units = min(claim.wish.packs * found.units_per_pack, EACH_BUYS * guests)
        each = [max(1, units // guests + (place < units % guests)) for place in range(guests)]
        return tuple(Basket(number, number * found.unit_fen) for number in each)

    def _plan(
        self,
        claim: Claimed,
        title: str,
        baskets: tuple[Basket, ...],
        evening: int,
        min_checked_in: int,
    ) -> Plan:
        return Plan(
            title=title,
            claimed=claim,
            brand=_brand_of(self._town.brands, claim),
            host=claim.wish.host,
            slot=self.another_slot(evening),
            theme=next(self._themes),
            baskets=baskets,
            min_checked_in=min_checked_in,
        )


def _brand_of(brands: Sequence[Brand], claim: Claimed) -> Brand:
    return next(brand for brand in brands if brand.id == claim.wish.brand_id)


def late_plan(plans: Sequence[Plan]) -> Plan:
    """The gathering that asks for a slot another has already, and is given a second choice."""
    ordinary: Iterator[Plan] = (
        plan for plan in plans if plan.claimed.wish.purpose == ORDINARY_PURPOSE
    )
    return next(plan for place, plan in enumerate(ordinary) if place == LATE_PLACE)
