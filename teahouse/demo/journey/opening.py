"""What must be there before anybody claims: offers with money, rooms, themes, communities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from teahouse.demo.journey.cartridges import PACKAGE_TYPE, THEMES, signed_by
from teahouse.demo.journey.crew import Stage, await_that, once_not, together
from teahouse.demo.journey.parties import Party
from teahouse.demo.journey.stories import STORIES, TERMS
from teahouse.demo.journey.town import Brand, Community, Host, Slot, Theme, Town

CURRENCY = "CNY"
CLAIMS_A_FUND = 40
POOR_FUND = 2  # the last of them can pay so many subsidies, but promises as many as the others
SUBSIDIES_FEN = (2_000, 3_000, 5_000)
FEWEST_GUESTS = 5

ROOMS_A_VENUE = 4
ROOM_HOLDS = 40
EVENINGS = 5
CHINA, LAST_HOUR = timezone(timedelta(hours=8)), 23
FIRST_EVENING = timedelta(hours=8)
EVENING_LASTS = timedelta(hours=2)
OFFERS_LAST = timedelta(days=90)


def money(fen: int) -> dict[str, Any]:
    """An amount as the wire has it."""
    return {"minor": fen, "currency": CURRENCY}


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the evenings of the demo begin."""

    first: datetime

    @classmethod
    def from_now(cls, now: datetime) -> Calendar:
        """The first evening is hours away, on the full hour, and not at eleven at night.

        A week and an hour later, when the demo looks, it would be the day on which the
        shares of that evening are released.
        """
        first = (now + FIRST_EVENING).replace(minute=0, second=0, microsecond=0)
        late = first.astimezone(CHINA).hour == LAST_HOUR
        return cls(first + timedelta(hours=1) if late else first)

    def begins(self, evening: int) -> datetime:
        """The beginning of an evening, counted from 0."""
        return self.first + timedelta(days=evening)


def open_offers(town: Town, count: int, now: datetime, stage: Stage) -> None:
    """Let the largest makers and the brands of the stories promise subsidies, and pay them in."""
    told = {story.brand: story for story in STORIES}
    makers = [brand for brand in town.brands if brand.name not in told][:count]

    def offer(numbered: tuple[int, Brand]) -> None:
        number, brand = numbered
        story = told.get(brand.name)
        fen = story.subsidy_fen if story else SUBSIDIES_FEN[number % len(SUBSIDIES_FEN)]
        fewest = story.min_checked_in if story else FEWEST_GUESTS
        brand.subsidy_fen = fen
        brand.offer_id = _open_offer(brand.party, fen, fewest, now)

    def pay_in(brand: Brand) -> str:
        paid = POOR_FUND if brand is town.poor_brand else CLAIMS_A_FUND
        brand.deposited_fen = paid * brand.subsidy_fen
        return deposit(town.operator, brand.offer_id, brand.deposited_fen)

    offering = [*makers, *(town.brand(name) for name in told)]
    town.poor_brand = makers[-1]
    together(offer, list(enumerate(offering)), stage)
    for deposit_id in together(pay_in, offering, stage):
        _await_booked(town.operator, deposit_id)


def deposit(operator: Party, target: str, fen: int) -> str:
    """Record money that arrived at the provider for an offer or naming rights."""
    body = {"target": target, "amount": money(fen)}
    # An offer is opened at catalog, and payments hears of it a moment later.
    made = once_not(
        "deposit-target-unknown", lambda: operator.post("payments", "/v1/deposits", body)
    )
    return str(made["id"])


def open_rooms(town: Town, calendar: Calendar, stage: Stage) -> None:
    """Let every venue lend its rooms, each for one gathering an evening."""
    rooms = [(owner, number) for owner in town.venues for number in range(1, ROOMS_A_VENUE + 1)]

    def lend(room: tuple[Party, int]) -> list[Slot]:
        owner, number = room
        body = {
            "name": f"{owner.name}, room {number}",
            "city": "Beijing",
            "capacity": ROOM_HOLDS,
            "equipment": ["tables", "power", "water", "projector"],
        }
        venue = owner.post("catalog", "/v1/venues", body)
        return [open_slot(owner, venue["id"], calendar, evening) for evening in range(EVENINGS)]

    town.slots = [slot for slots in together(lend, rooms, stage) for slot in slots]


def publish_themes(town: Town, stage: Stage) -> None:
    """Let every author sign and publish one cartridge."""

    def publish(pair: tuple[Party, str]) -> Theme:
        author, theme = pair
        made = author.post(
            "catalog",
            "/v1/cartridges/packages",
            data=signed_by(author, theme).content(),
            headers={"Content-Type": PACKAGE_TYPE},
        )
        return Theme(made["cartridge_id"], made["digest"], author.id)

    town.themes = together(publish, list(zip(town.authors, THEMES, strict=True)), stage)


def found_communities(hosts: Sequence[Host], stage: Stage) -> None:
    """Let every host tell of her people."""

    def found(host: Host) -> None:
        for wish in host.wishes:
            made = host.party.post("matching", "/v1/communities", wish)
            host.communities.append(Community(made["id"], made["name"], made["size"]))

    together(found, hosts, stage)


def _await_booked(operator: Party, deposit_id: str) -> None:
    def look() -> bool | None:
        found = operator.get("payments", f"/v1/deposits/{deposit_id}")
        return True if found["state"] == "booked" else None

    await_that(f"deposit {deposit_id} to be booked", look)


def _open_offer(brand: Party, fen: int, fewest: int, now: datetime) -> str:
    body = {
        "subsidy": money(fen),
        "min_checked_in": fewest,
        "total_cap": money(CLAIMS_A_FUND * fen),
        "terms": TERMS,
        "opens_at": now.isoformat(),
        "closes_at": (now + OFFERS_LAST).isoformat(),
    }
    return str(brand.post("catalog", "/v1/offers", body)["id"])


def open_slot(owner: Party, venue_id: str, calendar: Calendar, evening: int) -> Slot:
    """Lend a room for an evening of the calendar, counted from 0."""
    begins = calendar.begins(evening)
    body = {
        "starts_at": begins.isoformat(),
        "ends_at": (begins + EVENING_LASTS).isoformat(),
    }
    made = owner.post("catalog", f"/v1/venues/{venue_id}/slots", body)
    return Slot(venue_id, made["id"], owner.id, evening)
