"""Lots to be found, kept by the fake and by MongoDB."""

from __future__ import annotations

from dataclasses import replace

from chassis.kernel.money import Money
from services.catalog.lots.domain import Condition, Description, Goods, Place, StockLot
from services.catalog.lots.repositories import MongoLots
from services.catalog.offers.queries import MongoOfferLists
from services.catalog.offers.repositories import MongoOffers
from services.catalog.search.domain import LotSearch
from services.catalog.search.queries import MongoLotFinder
from tests.unit.catalog.fakes import BRAND, NOW, a_line, an_id, some_goods
from tests.unit.catalog.scan import FakeLotFinder

SHANGHAI, SUZHOU, BEIJING = Place(121.47, 31.23), Place(120.62, 31.32), Place(116.4, 39.9)


def a_found_lot(title="Hair clips", *, brand_id=BRAND, at=NOW, **changes) -> StockLot:
    """A lot as published, with two free packs of ten."""
    described = {"category": "accessories", "city": "上海", "place": None, "tags": ()}
    described |= {name: changes.pop(name) for name in described if name in changes}
    line = a_line(
        units=changes.pop("packs", 2) * 10,
        sku=changes.pop("sku", "K-1"),
        name=changes.pop("article", "clip"),
        unit_price=Money(changes.pop("unit_price", 500), "CNY"),
        condition=changes.pop("condition", Condition.NEW),
    )
    goods = replace(some_goods(line, **changes), description=Description(title, **described))
    return StockLot.publish(an_id("lot"), brand_id, goods=goods, at=at).state


class World:
    """Lots and offers kept both ways."""

    def __init__(self, kind, lots=(), offers=()) -> None:
        self.kind = kind
        self.lots = list(lots)
        self.offers = list(offers)
        if kind == "mongo":
            MongoLots().save_all([as_published(lot) for lot in self.lots])
            for offer in self.offers:
                MongoOffers().save(offer.open(at=NOW))

    def find(self, after=None, limit=100, at=NOW, **asked):
        return self.finder().find(LotSearch(**asked), after=after, limit=limit, at=at)

    def ids(self, **asked) -> list[str]:
        return [row["id"] for row in self.find(**asked).rows]

    def finder(self):
        if self.kind == "mongo":
            return MongoLotFinder(MongoOfferLists())
        return FakeLotFinder(self.lots, self.offers)


def as_published(lot):
    """The decision that published a lot."""
    goods = Goods(lot.description, lot.manifest, lot.terms)
    return StockLot.publish(lot.id, lot.brand_id, goods=goods, at=lot.published_at)
