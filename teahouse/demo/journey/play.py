"""The main job, act by act, as its people live it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from teahouse.demo.journey import (
    arrivals,
    casting,
    claiming,
    evenings,
    naming,
    opening,
    refusing,
    stocking,
)
from teahouse.demo.journey.claiming import Claimed
from teahouse.demo.journey.crew import Stage, together
from teahouse.demo.journey.naming import Rights
from teahouse.demo.journey.parties import Party
from teahouse.demo.journey.plans import Ending, Plan
from teahouse.demo.journey.refusing import Contest
from teahouse.demo.journey.shelf import Found, browse
from teahouse.demo.journey.stories import (
    HAIR,
    NAMING_GATHERINGS,
    NAMING_PRICE_MINOR,
    SHOES,
    STORIES,
)
from teahouse.demo.journey.town import Town
from teahouse.demo.journey.wire import Wire
from teahouse.demo.scale import Scale

CLAIMS_A_SECOND = 20.0
SMALL_PRICE_FEN, SMALL_GATHERINGS = 300_000, 3
INTO_THE_EVENING = timedelta(minutes=30)
SILENCE = timedelta(hours=73)


class Machine(Protocol):
    """What the demo asks of whoever runs the suite: time, and whether all is quiet."""

    def now(self) -> datetime:
        """What time it is for the services."""

    def advance(self, to: datetime) -> None:
        """Let time pass for the services until then; return when they know."""

    def watched(self) -> AbstractContextManager[None]:
        """Note what uses the processors while the block runs."""

    def await_quiet(self) -> object:
        """Return when no event, command or reply is under way."""


Stages = Callable[[str], AbstractContextManager[Stage]]


@dataclass(slots=True)
class Played:
    """Everything that happened, as the people of the demo saw it."""

    town: Town
    steady: list[Claimed] = field(default_factory=list)
    contests: list[Contest] = field(default_factory=list)
    given_up: list[Claimed] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    refused_slot: str = ""
    tea_rights: Rights | None = None
    small_rights: Rights | None = None
    small_end: dict[str, Any] = field(default_factory=dict)


def play(
    wire: Wire,
    operator: Party,
    machine: Machine,
    *,
    scale: Scale,
    prepared: Mapping[str, Any],
    folder: Path,
    stages: Stages,
) -> Played:
    """Play the whole job; raise for anything that nobody expected."""
    with stages("everybody signs up") as stage:
        town = arrivals.arrive(wire, operator, prepared, folder, stage)
    calendar = opening.Calendar.from_now(machine.now())
    _open(town, scale, machine, calendar, stages)
    played = Played(town)
    chosen = _claim(played, scale, machine, stages)
    _plan(played, chosen, stages)
    _hold(played, machine, calendar, stages)
    _end(played, machine, stages)
    return played


def _open(
    town: Town, scale: Scale, machine: Machine, calendar: opening.Calendar, stages: Stages
) -> None:
    """Brands import and offer, venues and authors get ready, hosts tell of their people."""
    with stages("brands promise subsidies") as stage:
        opening.open_offers(town, scale.offering_brands, machine.now(), stage)
    with stages("brands send their sheets") as stage:
        stocking.send_sheets(town.brands, stage)
    with stages("rooms, themes, communities") as stage:
        opening.open_rooms(town, calendar, stage)
        opening.publish_themes(town, stage)
        opening.found_communities(town.hosts, stage)
    with stages("lots are published") as stage:
        stocking.await_lots(town.brands, stage)
    with stages("matching hears of them"):
        machine.await_quiet()


def _claim(played: Played, scale: Scale, machine: Machine, stages: Stages) -> casting.Cast:
    """Hosts browse and claim at an even pace; then some claims go wrong, some are given up."""
    town = played.town
    with stages("hosts browse") as stage:
        told = {story.brand for story in STORIES}
        brands = {brand.id for brand in town.generous_brands if brand.name not in told}
        menus = together(lambda host: (host.id, browse(host, brands)), town.hosts, stage)
    chosen = casting.cast(town, scale, dict(menus), _story_lots(town))
    machine.await_quiet()
    with stages("hosts claim, twenty a second") as stage, machine.watched():
        played.steady = claiming.steadily(chosen.wishes, stage, per_second=CLAIMS_A_SECOND)
    with stages("claims that cannot be") as stage:
        played.contests = refusing.contend(town, chosen, stage)
    plain = [one for one in played.steady if one.wish.purpose == casting.PLAIN_PURPOSE]
    played.given_up = plain[: refusing.CANCELLED_CLAIMS]
    with stages("claims given up") as stage:
        refusing.give_up(played.given_up, stage)
    return chosen


def _plan(played: Played, chosen: casting.Cast, stages: Stages) -> None:
    """Sell naming rights, and put claims, cartridges and slots together."""
    town = played.town
    tea, sewing = casting.tea_host(town).party, casting.sewing_host(town).party
    with stages("naming rights"):
        played.tea_rights = naming.buy(
            town.operator,
            town.brand(HAIR.brand).party,
            tea,
            price_fen=NAMING_PRICE_MINOR,
            gatherings=NAMING_GATHERINGS,
        )
        played.small_rights = naming.buy(
            town.operator,
            town.brand(SHOES.brand).party,
            sewing,
            price_fen=SMALL_PRICE_FEN,
            gatherings=SMALL_GATHERINGS,
        )
    programme = casting.Programme(town, chosen.goods)
    played.plans = programme.plans(
        played.steady, tea_rights=played.tea_rights.id, small_rights=played.small_rights.id
    )
    late = casting.late_plan(played.plans)
    with stages("gatherings are planned") as stage:
        evenings.plan_all([plan for plan in played.plans if plan is not late], stage)
        late.slot = played.plans[0].slot
        evenings.plan_all([late], stage)
        played.refused_slot = late.status
        late.slot = programme.another_slot(opening.EVENINGS - 1)
        evenings.plan_all([late], stage)


def _hold(played: Played, machine: Machine, calendar: opening.Calendar, stages: Stages) -> None:
    """Evening after evening: guests come, buy, and brands decide."""
    for evening in range(opening.EVENINGS):
        tonight = [plan for plan in played.plans if plan.evening == evening]
        machine.advance(calendar.begins(evening) + INTO_THE_EVENING)
        with stages(f"evening {evening + 1}") as stage:
            together(evenings.live, tonight, stage)
            held = [plan for plan in tonight if plan.ending is not Ending.CANCELLED]
            together(lambda plan: evenings.decide(plan, played.town.operator), held, stage)


def _end(played: Played, machine: Machine, stages: Stages) -> None:
    """Silence becomes consent, everybody is paid, some goods come back, a package ends."""
    machine.advance(machine.now() + SILENCE)
    with stages("everybody is paid") as stage:
        together(evenings.await_end, played.plans, stage)
    held = [plan for plan in played.plans if plan.is_held]
    with stages("guests rate, goods come back") as stage:
        together(evenings.rate, held, stage)
        back = [plan for plan in held if plan.goes_back.is_after]
        together(evenings.give_back_after, back, stage)
        if played.small_rights is not None:
            played.small_end = naming.end(played.small_rights)
    with stages("everything comes to rest"):
        machine.await_quiet()


def _story_lots(town: Town) -> dict[str, Found]:
    """The lots of the stories, which their brands know without browsing."""
    found = {}
    for story in STORIES:
        brand = town.brand(story.brand)
        (summary,) = brand.party.get("catalog", "/v1/lots")["items"]
        lot = brand.party.get("catalog", f"/v1/lots/{summary['id']}")
        found[story.key] = Found(
            lot_id=lot["id"],
            brand_id=brand.id,
            offer_id=brand.offer_id,
            packs_free=lot["packs_free"],
            most_packs=lot["max_packs_per_host"],
            units_per_pack=lot["units_per_pack"],
            unit_fen=lot["unit_price"]["minor"],
        )
    return found
