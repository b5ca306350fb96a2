"""Searches: whatever an index finds is what a scan of everything finds."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.kernel.money import Money
from chassis.mongo import collection
from services.catalog.listings.engine.words import tokens_of
from services.catalog.lots.domain import Condition
from services.catalog.search import queries
from services.catalog.search.domain import LotSearch, Order, Position, Surroundings
from tests.integration.catalog.searching import BEIJING, SHANGHAI, SUZHOU, World, a_found_lot
from tests.unit.catalog.fakes import BRAND, NOW, OTHER_BRAND, an_offer

BOTH = pytest.mark.parametrize("kind", ["fake", "mongo"])
WORDS = ["茶叶", "乌龙茶", "长城", "重庆火锅", "礼盒", "ice cream", "Ice", "café", "chocolate"]
WORDS += [
    "\uff34\uff25\uff21",
    "T恤",
    "500g",
    "cc",
    "茶",
    "叶",
    "cyl",
    "wlc",
    "wlcyl",
    "choco",
    "Straße",
    "𠮷野",
]


@BOTH
class TestWords:
    def find(self, kind, titles, text):
        lots = [a_found_lot(title) for title in titles]
        world = World(kind, lots)
        found = set(world.ids(terms=tokens_of(text)))
        return [lot.description.title for lot in lots if lot.id in found]

    @pytest.mark.parametrize(
        ("text", "titles"),
        [
            ("茶", ["乌龙茶叶礼盒"]),
            ("龙茶叶礼", ["乌龙茶叶礼盒"]),
            ("乌龙茶叶礼盒", ["乌龙茶叶礼盒"]),
            ("茶盒", []),
            ("ice", ["Ice cream", "Black ICED tea"]),
            ("iced", ["Black ICED tea"]),
            ("cream ice", ["Ice cream"]),
            ("ream", []),
            ("\uff29\uff23\uff25", ["Ice cream", "Black ICED tea"]),
            ("cy", ["乌龙茶叶礼盒"]),
            ("wlcylh", ["乌龙茶叶礼盒"]),
            ("wlcylx", []),
            ("zc", ["长城红酒"]),
            ("cchj", ["长城红酒"]),
            ("礼盒 wl", ["乌龙茶叶礼盒"]),
            ("礼盒 ice", []),
            ("strasse", ["Straße"]),
            ("brush-making", ["Brush making kit"]),
        ],
    )
    def test_are_found_where_every_one_matches(self, kind, database, text, titles):
        every = ["乌龙茶叶礼盒", "长城红酒", "Ice cream", "Black ICED tea", "Straße"]

        assert self.find(kind, [*every, "Brush making kit"], text) == titles

    def test_are_those_of_category_articles_and_numbers_too(self, kind, database):
        lot = a_found_lot("X", category="tea", article="乌龙 500g", sku="QX-77")
        world = World(kind, [lot, a_found_lot("Y")])

        for text in ("tea", "乌龙", "500", "qx", "77"):
            assert world.ids(terms=tokens_of(text)) == [lot.id], text


@BOTH
class TestFilters:
    def test_keep_to_a_category(self, kind, database):
        tea, _ = lots = [a_found_lot(category="tea"), a_found_lot(category="teapots")]

        assert World(kind, lots).ids(category="tea") == [tea.id]

    def test_keep_to_a_city_and_to_what_is_for_everywhere(self, kind, database):
        here, _, anywhere = lots = [a_found_lot(city=city) for city in ("上海", "北京", "")]

        assert set(World(kind, lots).ids(city="上海")) == {here.id, anywhere.id}

    def test_keep_to_a_condition_or_better(self, kind, database):
        lots = [a_found_lot(condition=one) for one in Condition]
        world = World(kind, lots)

        assert set(world.ids(condition=Condition.GOOD)) == {lot.id for lot in lots[:3]}
        assert world.ids(condition=Condition.NEW) == [lots[0].id]

    def test_keep_to_goods_that_are_good_on_a_day(self, kind, database):
        day = NOW + timedelta(days=50)
        keeps = a_found_lot()
        long = a_found_lot(best_before=day)
        short = a_found_lot(best_before=day - timedelta(milliseconds=1))
        world = World(kind, [keeps, long, short])

        assert set(world.ids(best_before_from=day)) == {keeps.id, long.id}

    def test_keep_to_lots_that_can_still_be_claimed_then(self, kind, database):
        day = NOW + timedelta(days=5)
        over = a_found_lot(closes_at=day)
        open_ = a_found_lot(closes_at=day + timedelta(milliseconds=1))
        world = World(kind, [over, open_])

        assert world.ids(closes_after=day) == [open_.id]
        assert world.ids(at=day) == [open_.id]

    def test_keep_to_a_range_of_pack_prices(self, kind, database):
        lots = [a_found_lot(unit_price=fen) for fen in (99, 100, 200, 201)]
        world = World(kind, lots)

        found = world.ids(pack_price_from=1_000, pack_price_to=2_000)

        assert set(found) == {lots[1].id, lots[2].id}

    def test_keep_to_brands_whose_open_offer_pays_enough(self, kind, database):
        mine, other = a_found_lot(), a_found_lot(brand_id=OTHER_BRAND)
        offers = [
            an_offer(subsidy=Money(50_000, "CNY")),
            an_offer(brand_id=OTHER_BRAND, subsidy=Money(49_999, "CNY")),
            an_offer(
                brand_id=OTHER_BRAND,
                subsidy=Money(90_000, "CNY"),
                opens_at=NOW + timedelta(days=1),
            ),
        ]
        world = World(kind, [mine, other], offers)

        assert world.ids(subsidy_from=50_000) == [mine.id]
        assert set(world.ids(subsidy_from=50_000, at=NOW + timedelta(days=2))) == {
            mine.id,
            other.id,
        }
        assert world.ids(subsidy_from=50_000, at=NOW + timedelta(days=60)) == []

    def test_keep_to_what_lies_within_so_many_metres(self, kind, database):
        near, far, nowhere = (a_found_lot(place=place) for place in (SUZHOU, BEIJING, None))
        world = World(kind, [near, far, nowhere])
        (row,) = world.find(surroundings=Surroundings(SHANGHAI, 200_000)).rows

        assert (row["id"], row["metres"]) == (near.id, 81_398)
        assert world.ids(surroundings=Surroundings(SHANGHAI, 81_398)) == [near.id]
        assert world.ids(surroundings=Surroundings(SHANGHAI, 81_397)) == []


@BOTH
class TestOrder:
    @pytest.mark.parametrize("order", Order)
    def test_goes_on_page_after_page_through_equals(self, kind, database, order):
        chance = random.Random(3)
        lots = [
            a_found_lot(
                unit_price=chance.choice([100, 200]),
                place=chance.choice([SHANGHAI, SUZHOU]),
                closes_at=NOW + timedelta(days=chance.randrange(1, 4)),
                at=NOW - timedelta(days=chance.randrange(3)),
            )
            for _ in range(12)
        ]
        world = World(kind, lots)
        asked = {"order": order, "surroundings": Surroundings(SHANGHAI, 500_000)}
        found, after = [], None

        while rows := world.find(after=after, limit=5, **asked).rows:
            found += rows
            after = Position(rows[-1]["value"], rows[-1]["id"])

        values = [row["value"] for row in found]
        assert {row["id"] for row in found} == {lot.id for lot in lots}
        assert len(found) == 12
        assert values == sorted(values, reverse=order in {Order.NEWEST, Order.RELEVANCE})
        assert found == world.find(**asked).rows


@BOTH
class TestOrderOfNames:
    def test_is_figures_then_pinyin_then_letters_without_case(self, kind, database):
        titles = ["500g Tea", "阿胶", "茶叶", "路灯", "绿茶", "乱针绣", "Éclair", "eggs", "Zip"]
        lots = [a_found_lot(title) for title in titles]
        world = World(kind, sorted(lots, key=lambda lot: hash(lot.id)))

        rows = world.find(order=Order.NAME).rows

        assert [row["title"] for row in rows] == titles


@BOTH
class TestOrderOfRelevance:
    def test_puts_the_title_before_tags_and_those_before_articles(self, kind, database):
        article = a_found_lot("Gift box", article="green tea")
        tagged = a_found_lot("Gift box", tags=("green", "tea"))
        half = a_found_lot("Tea set", article="green cups")
        whole = a_found_lot("A box of green tea")
        of_tea = a_found_lot("Green box", category="tea")
        world = World(kind, [article, tagged, half, whole, of_tea])

        rows = world.find(order=Order.RELEVANCE, terms=("green", "tea")).rows

        assert [row["id"] for row in rows] == [
            lot.id for lot in (whole, of_tea, half, tagged, article)
        ]
        assert [row["value"] for row in rows] == [14, 8, 7, 2, 0]
        assert [[match.field for match in row["matched"]] for row in rows] == [
            ["title", "title"],
            ["title", "tags"],
            ["articles", "title"],
            ["tags", "tags"],
            ["articles", "articles"],
        ]

    def test_tells_where_words_are_in_any_other_order_too(self, kind, database):
        world = World(kind, [a_found_lot("乌龙茶叶", article="tea")])

        (row,) = world.find(terms=("wlc", "tea")).rows

        assert row["matched"] == [("wlc", "title"), ("tea", "articles")]


@BOTH
class TestFacets:
    def test_count_what_was_found(self, kind, database):
        lots = [
            a_found_lot(category="tea", unit_price=99, city="苏州"),
            a_found_lot(category="tea", condition=Condition.FAIR, brand_id=OTHER_BRAND),
            a_found_lot(category="pots", unit_price=20_000),
        ]
        world = World(kind, lots, [an_offer(brand_id=OTHER_BRAND)])

        facets = world.find().facets

        assert (facets.counted, facets.more) == (3, False)
        assert [(one.value, one.count) for one in facets.category] == [("tea", 2), ("pots", 1)]
        assert [(one.value, one.count) for one in facets.condition] == [("new", 2), ("fair", 1)]
        assert [(one.value, one.count) for one in facets.city] == [("上海", 2), ("苏州", 1)]
        assert [(one.least, one.most, one.count) for one in facets.pack_price] == [
            (0, 999, 1),
            (3_000, 9_999, 1),
            (100_000, None, 1),
        ]
        assert [(one.least, one.most, one.count) for one in facets.subsidy] == [
            (0, 0, 2),
            (30_000, 99_999, 1),
        ]

    def test_stop_at_a_thousand_and_say_so(self, kind, database):
        world = World(kind, [a_found_lot() for _ in range(1_001)])

        facets = world.find(limit=1).facets

        assert (facets.counted, facets.more) == (1_000, True)
        assert [(one.value, one.count) for one in facets.category] == [("accessories", 1_000)]

    def test_come_with_the_first_page_only(self, kind, database):
        world = World(kind, [a_found_lot(), a_found_lot()])
        (row,) = world.find(limit=1).rows

        rest = world.find(after=Position(row["value"], row["id"]))

        assert rest.facets is None
        assert len(rest.rows) == 1


def some_lots(chance, count):
    """Lots out of few words and values, so that many searches find some."""
    for _ in range(count):
        title = chance.choice(["", " "]).join(chance.choices(WORDS, k=chance.randrange(1, 4)))
        yield a_found_lot(
            title,
            article=chance.choice(WORDS),
            category=chance.choice(["tea", "茶"]),
            city=chance.choice(["", "上海", "北京"]),
            brand_id=chance.choice([BRAND, OTHER_BRAND]),
            condition=chance.choice(list(Condition)),
            unit_price=chance.choice([100, 200, 300]),
            place=chance.choice([None, SHANGHAI, SUZHOU, BEIJING]),
            closes_at=NOW + timedelta(days=chance.randrange(1, 4)),
            best_before=chance.choice([None, NOW + timedelta(days=chance.randrange(1, 9))]),
            at=NOW - timedelta(days=chance.randrange(3)),
        )


def a_search(chance):
    def maybe(value, share=0.3):
        return value if chance.random() < share else None

    near = maybe(Surroundings(chance.choice([SHANGHAI, BEIJING]), chance.choice([50, 100_000])))
    orders = [one for one in Order if near or one is not Order.NEAREST]
    words = [_piece(chance, chance.choice(WORDS)) for _ in range(chance.randrange(4))]
    return LotSearch(
        terms=tokens_of(" ".join(words)),
        category=maybe(chance.choice(["tea", "茶"])),
        city=maybe(chance.choice(["上海", "北京"])),
        condition=maybe(chance.choice(list(Condition))),
        surroundings=near,
        best_before_from=maybe(NOW + timedelta(days=chance.randrange(1, 9))),
        closes_after=maybe(NOW + timedelta(days=chance.randrange(1, 3))),
        pack_price_from=maybe(chance.choice([1_000, 2_000])),
        pack_price_to=maybe(chance.choice([1_000, 2_000])),
        subsidy_from=maybe(chance.choice([1, 50_000, 50_001])),
        order=chance.choice(orders),
    )


def _piece(chance, word):
    begin = chance.randrange(len(word))
    return word[begin : begin + chance.randrange(1, 6)]


class TestAgainstAScan:
    @given(seed=st.integers(0, 2**32))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
    @pytest.mark.parametrize("rare", [(4_000, 20_000), (2, 3)], ids=["by words", "by the rest"])
    def test_finds_the_same_in_the_same_order(self, database, seed, rare, monkeypatch):
        monkeypatch.setattr(queries, "RARE", rare[0])
        monkeypatch.setattr(queries, "RARE_ENOUGH", rare[1])
        monkeypatch.setattr(queries, "AS_RARE", rare[1])
        for name in ("stock_lots", "stock_entries", "listings", "subsidy_offers", "outbox"):
            collection(name).delete_many({})
        chance = random.Random(seed)
        lots, offers = list(some_lots(chance, 25)), [an_offer()]
        mongo, scan = World("mongo", lots, offers), World("fake", lots, offers)

        for search in (a_search(chance) for _ in range(20)):
            ours = mongo.finder().find(search, after=None, limit=7, at=NOW)
            theirs = scan.finder().find(search, after=None, limit=7, at=NOW)

            assert _kept(ours, theirs) == theirs.rows, search
            assert ours.facets == theirs.facets, search
            while theirs.rows:
                last = theirs.rows[-1]
                after = Position(last["value"], last["id"])
                ours = mongo.finder().find(search, after=after, limit=2, at=NOW)
                theirs = scan.finder().find(search, after=after, limit=2, at=NOW)
                assert _kept(ours, theirs) == theirs.rows, search


def _kept(ours, theirs):
    """The rows found, as far as a scan tells of them."""
    return [{name: row[name] for name in theirs.rows[0]} for row in ours.rows if theirs.rows]
