"""A small market in memory, and a planner that looks things up in it."""

from __future__ import annotations

from datetime import datetime

from services.matching.claims.use_cases import Applicants
from services.matching.gatherings.use_cases import Programme
from services.matching.planner.use_cases import (
    Deal,
    Goods,
    KitDeal,
    Kits,
    OwnClaim,
    Planner,
    Rooms,
    SearchPlans,
    Shelf,
    search_plans,
)
from tests.builders.matching import HOST, NOW, STARTS_AT, a_community, an_id
from tests.unit.matching.fakes import FakeBehaviour, FakeCommunities, FakeOrganizations, Found


class FakeParts:
    """``Parts`` over some lots, offers, slots and versions."""

    def __init__(
        self, lots, offers, slots, versions, *, left_out=None, claims=(), kits=()
    ) -> None:
        self.claims, self.all_kits = claims, kits
        self.lots, self.offers, self.slots, self.versions = lots, offers, slots, versions
        self.left_out = left_out

    def goods(self, now):
        pairs = ((lot, offer) for lot in self.lots for offer in self.offers)
        of_brand = [Deal(*pair) for pair in pairs if pair[0].brand_id == pair[1].brand_id]
        return Goods(of_brand, self.left_out)

    def own(self, host_id, community_id):
        return [
            OwnClaim(each, f"packs of {each.id}")
            for each in self.claims
            if (each.host_id, each.community_id) == (host_id, community_id)
        ]

    def kits(self, now):
        lots = {lot.id: lot for lot in self.lots}
        return Kits(
            [
                KitDeal(
                    kit,
                    [lots[each] for each in dict.fromkeys(line.lot_id for line in kit.lines)],
                    [each for each in self.offers if each.brand_id in kit.brand_ids],
                )
                for kit in self.all_kits
            ]
        )

    def rooms(self, city, first_day, last_day, now):
        return Rooms([slot for slot in self.slots if slot.starts_at > now])

    def themes(self, people):
        return Shelf([one for one in self.versions if not one.is_yanked])


class NothingTaken:
    """``Taken`` where no claim holds anything of an offer, but for what is said."""

    def __init__(self, **minor) -> None:
        self.minor = minor

    def of_offer(self, offer_id, *, host_id=None, since=None):
        return self.minor.get(offer_id, 0)


def a_planner(market, *, community=None, behaviour=None, taken=None, not_hosts=()) -> Planner:
    behaviour = behaviour or FakeBehaviour()
    communities = FakeCommunities(community or a_community())
    return Planner(
        parts=market,
        programme=Programme(
            slots=Found(**{slot.id: slot for slot in market.slots}),
            cartridges=Found(**{one.digest: one for one in market.versions}),
        ),
        applicants=Applicants(communities, behaviour),
        organizations=FakeOrganizations(*not_hosts),
        taken=taken or NothingTaken(),
        deeds=behaviour,
    )


def searched(planner, *, now: datetime = NOW, most_checks=20_000, **changes):
    """What a search for twenty people three days from now finds."""
    given = {
        "host_id": HOST,
        "community_id": an_id("com"),
        "first_day": STARTS_AT.date(),
        "last_day": STARTS_AT.date(),
        "people": 16,
    }
    command = SearchPlans(**given | changes)
    return search_plans(command, planner=planner, now=now, most_checks=most_checks)
