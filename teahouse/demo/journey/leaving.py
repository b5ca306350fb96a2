"""What a kept demo leaves to go on with by hand: rooms to be had, a kit, and whom to act as."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from teahouse.demo.journey import casting
from teahouse.demo.journey.crew import Stage, together
from teahouse.demo.journey.opening import Calendar, money, open_slot
from teahouse.demo.journey.parties import Party
from teahouse.demo.journey.stories import HAIR, SHOES
from teahouse.demo.journey.town import Town
from teahouse.logins import Login, Role

EVENINGS_LEFT = 14
KIT_STORIES = (HAIR, SHOES)
KIT_PACKS = 12
KIT_SHARES = {"host": 2_000, "venue": 1_000, "author": 500, "platform": 500}
KIT_BRAND_SHARE = 3_000  # of each of its two brands, in basis points


def leave(town: Town, now: datetime, stage: Stage) -> dict[Role, Login]:
    """Lend a room for the evenings to come and publish a kit; answer whom to act as."""
    slot = town.slots[0]
    owner = next(party for party in town.venues if party.id == slot.owner_id)
    calendar = Calendar.from_now(now)
    together(
        lambda evening: open_slot(owner, slot.venue_id, calendar, evening),
        range(EVENINGS_LEFT),
        stage,
    )
    brands = [town.brand(story.brand).party for story in KIT_STORIES]
    lots = [brand.get("catalog", "/v1/lots")["items"][0]["id"] for brand in brands]
    price_fen = KIT_PACKS * sum(story.baskets[-1].fen for story in KIT_STORIES)
    signed_kit(brands, lots, town.themes[0].digest, packs=KIT_PACKS, price_fen=price_fen)
    acting = {
        Role.BRAND: brands[0],
        Role.HOST: casting.tea_host(town).party,
        Role.VENUE: owner,
        Role.AUTHOR: town.authors[0],
    }
    return {role: _login(party) for role, party in acting.items()}


def signed_kit(
    brands: Sequence[Party], lots: Sequence[str], digest: str, *, packs: int, price_fen: int
) -> dict[str, Any]:
    """A kit for so many guests, with a pack of a lot of each of two brands for every one.

    ``digest`` is that of its theme. Both brands have signed it.
    """
    body = {
        "title": "Two brands, one evening 两个品牌的一晚",
        "lines": [{"lot_id": lot, "packs": packs, "share": KIT_BRAND_SHARE} for lot in lots],
        "venue": {"capacity": packs, "equipment": ["tables"]},
        "cartridge_digest": digest,
        "price": money(price_fen),
        "terms": KIT_SHARES,
    }
    kit: dict[str, Any] = brands[0].post("catalog", "/v1/kits", body)
    agreed = {"terms_digest": kit["terms_digest"]}
    for brand in brands:
        kit = brand.post("catalog", f"/v1/kits/{kit['id']}/signatures", agreed)
    return kit


def _login(party: Party) -> Login:
    person = party.person
    return Login(person.email, person.password, organization_id=party.id, name=party.name)
