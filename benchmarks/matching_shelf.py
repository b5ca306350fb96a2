"""A made-up market as matching keeps it in MongoDB, for benchmarks of the whole service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from pymongo import UpdateOne

from benchmarks.matching_market import NOW, Market
from chassis import mongo
from chassis.kernel.ids import from_int
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from chassis.mongo import Row, collection
from services.matching.offers.domain import OfferedLot, SubsidyOffer
from services.matching.offers.engine.facts import LotFacts, SubsidyFacts
from services.matching.offers.repositories import LOTS, MongoOfferNotes
from teahouse.prepare import documents_of

LOTS_A_WRITE, STRANGERS = 2_000, 10**9
PLENTY = Money(10**12, "CNY")
TERMS = {"brand": 6000, "host": 2000, "venue": 1000, "platform": 1000}


def fill(market: Market) -> None:
    """Keep a market's lots, subsidies and communities where matching looks for them.

    Its moment becomes the present one.
    """
    passed = system_clock() - NOW
    mongo.ensure_indexes(documents_of("chassis", "services.matching"))
    notes, lots = MongoOfferNotes(), iter(market.lots)
    notes.open_offers([_offer(each, passed) for each in market.subsidies])
    while some := list(islice(lots, LOTS_A_WRITE)):
        notes.publish_lots([_lot(each, passed) for each in some])
        collection(LOTS).bulk_write([_claimed(each) for each in some], ordered=False)
    collection("communities").insert_many(_communities(market))


def _lot(facts: LotFacts, passed: timedelta) -> OfferedLot:
    """A lot that nobody has claimed yet."""
    return OfferedLot(
        id=facts.lot_id,
        brand_id=facts.brand_id,
        title=f"Goods {facts.lot_id[-6:]}",
        category=facts.tags[0],
        tags=facts.tags[1:],
        city=facts.city,
        condition="new",
        unit_price=Money(facts.pack_price, "CNY"),
        units_per_pack=1,
        packs_total=facts.packs_free + facts.claims,
        packs_free=facts.packs_free,
        max_packs_per_host=2,
        min_community_size=facts.min_community_size,
        best_before=facts.best_before and facts.best_before + passed,
        closes_at=facts.ends_at + passed,
        published_at=facts.published_at + passed,
    )


def _offer(facts: SubsidyFacts, passed: timedelta) -> SubsidyOffer:
    money = Money(facts.subsidy, "CNY")
    return SubsidyOffer(
        id=facts.offer_id,
        brand_id=facts.brand_id,
        subsidy=money,
        min_checked_in=10,
        total_cap=PLENTY,
        terms=TERMS,
        opens_at=facts.opens_at + passed,
        closes_at=facts.closes_at + passed,
        committed=PLENTY if facts.is_exhausted else Money(0, "CNY"),
    )


def _claimed(facts: LotFacts) -> UpdateOne:
    """Note that hosts nobody asks about have claimed as much of a lot as its facts say."""
    holdings = {
        from_int("clm", number): {"host_id": from_int("org", STRANGERS + number), "packs": 1}
        for number in range(facts.claims)
    }
    return UpdateOne({"_id": facts.lot_id}, {"$set": {"holdings": holdings}})


def _communities(market: Market) -> Iterator[Row]:
    number = 0
    for host_id, portraits in market.portraits.items():
        for portrait in portraits:
            number += 1
            yield {
                "_id": from_int("com", number),
                "host_id": host_id,
                "name": portrait.name,
                "city": portrait.city,
                "size": portrait.size,
                "tags": [{"tag": tag, "weight": each} for tag, each in portrait.tags.items()],
                "founded_at": NOW,
                "version": 1,
                "last_sequence": 1,
            }
