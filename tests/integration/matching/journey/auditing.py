"""A week that there is something to audit of."""

from __future__ import annotations

from datetime import timedelta

from chassis.mongo import collection
from services.matching.behaviour.domain import Deed, record
from services.matching.behaviour.repositories import MongoBehaviour
from services.matching.offers.repositories import MongoOfferNotes
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    OTHER_BRAND,
    STARTS_AT,
    a_lot,
    an_id,
)

DAY = timedelta(days=1)


def was_shown(number, host_id, *lots, at=NOW - DAY):
    """A page of lots of these brands that a host was shown."""
    places = enumerate(lots, 1)
    shown = [
        {"lot_id": an_id("lot", place), "brand_id": brand_id, "place": place}
        for place, brand_id in places
    ]
    collection("exposures").insert_one(
        {"_id": an_id("exp", number), "host_id": host_id, "at": at, "shown": shown}
    )


def a_settled_week(world, clock):
    """A settled gathering of a host with a record, and pages that both hosts were shown."""
    MongoOfferNotes().publish_lots(
        [
            a_lot(packs_kept=1, newcomers_until=STARTS_AT + 2 * DAY),
            a_lot(id=an_id("lot", 2), brand_id=OTHER_BRAND, packs_total=9),
            a_lot(id=an_id("lot", 3), brand_id=OTHER_BRAND, published_at=NOW + 90 * DAY),
        ]
    )
    long_ago = an_id("gth", 9)
    MongoBehaviour().append(
        [record(Deed.SETTLED, HOST, gathering_id=long_ago, origin=long_ago, at=NOW - 90 * DAY)]
    )
    path = world.gathering()
    rejected = dict(world.answers)
    world.answers["catalog.command.reserve-packs.v1"] = (
        "catalog.reply.packs-refused.v1",
        {"code": "not-enough-packs", "detail": "none"},
    )
    world.claim()
    world.answer_all()
    world.answers = rejected
    (code,) = world.invite(path)
    clock.set(STARTS_AT)
    world.check_in(path, code)
    world.show(path)
    world.post(HOST, f"{path}/holdings")
    world.post(BRAND, f"{path}/approvals")
    world.answer_all()
    was_shown(1, HOST, BRAND, OTHER_BRAND)
    was_shown(2, CO_HOST, BRAND)
    was_shown(3, CO_HOST, OTHER_BRAND, at=NOW - 40 * DAY)
    clock.set(STARTS_AT + DAY)
    return world
