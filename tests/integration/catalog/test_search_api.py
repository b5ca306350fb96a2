"""Searches over HTTP, and the indexes they walk."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from chassis import mongo
from chassis.web import cursor_of
from tests.integration.catalog.bodies import a_line_body, a_lot_body, an_offer_body, soon, yuan
from tests.integration.catalog.conftest import everything
from tests.unit.catalog.fakes import BRAND, HOST, an_id

SEARCH = "/v1/lots/search"
SHANGHAI = {"longitude": 121.47, "latitude": 31.23}


@pytest.fixture
def host(calling):
    return calling(HOST)


def publish(brand, title="Hair clips", **changes) -> dict:
    answer = brand.post("/v1/lots", a_lot_body(title=title, **changes))
    assert answer.status_code == 201, answer.json
    return answer.json


class TestSearch:
    def test_answers_a_host_who_asks_for_everything_at_once(self, brand, host):
        lot = publish(
            brand, "乌龙茶礼盒", category="Tea", place=SHANGHAI, best_before=soon(days=90)
        )
        publish(brand, "乌龙茶礼盒", category="Tea")
        brand.post("/v1/offers", an_offer_body())

        answer = host.get(
            SEARCH,
            text="wlc 礼盒",
            category="TEA",
            condition="good",
            near="121.5,31.2",
            within_km=10,
            best_before_from=soon(days=60),
            closes_after=soon(days=20),
            city="上海",
            pack_price_from=12_500,
            pack_price_to=12_500,
            subsidy_from=50_000,
            order="nearest",
        )

        assert answer.status_code == 200, answer.json
        assert answer.json["next_cursor"] is None
        assert answer.json["items"] == [
            {
                "id": lot["id"],
                "brand_id": BRAND,
                "title": "乌龙茶礼盒",
                "category": "tea",
                "city": "上海",
                "condition": "new",
                "units_per_pack": 10,
                "packs_free": 10,
                "pack_price": yuan(12_500),
                "subsidy": yuan(50_000),
                "metres": 4_389,
                "matched": [
                    {"term": "wlc", "field": "title"},
                    {"term": "礼盒", "field": "title"},
                ],
                "best_before": lot["best_before"],
                "closes_at": lot["closes_at"],
                "published_at": lot["published_at"],
            }
        ]
        assert answer.json["facets"] == {
            "counted": 1,
            "more": False,
            "category": [{"value": "tea", "count": 1}],
            "condition": [{"value": "new", "count": 1}],
            "city": [{"value": "上海", "count": 1}],
            "pack_price": [{"least": 10_000, "most": 29_999, "count": 1}],
            "subsidy": [{"least": 30_000, "most": 99_999, "count": 1}],
        }

    def test_gives_page_after_page(self, brand, host):
        lots = {publish(brand, closes_at=soon(days=day))["id"]: day for day in (3, 1, 2, 5, 4)}
        found, cursor = [], ""

        while cursor is not None:
            page = host.get(SEARCH, limit=2, cursor=cursor).json
            found += [lots[item["id"]] for item in page["items"]]
            cursor = page["next_cursor"]

        assert found == [1, 2, 3, 4, 5]
        assert page["facets"] is None

    @pytest.mark.parametrize("order", ["name", "relevance"])
    def test_gives_page_after_page_in_every_order(self, brand, host, order):
        titles = ["茶 " + letter * 120 for letter in "丙甲乙"] + ["红茶", "cup of 茶"]
        lots = {publish(brand, title[:120])["id"]: title[0] for title in titles}
        found, cursor = [], ""

        while cursor is not None:
            page = host.get(SEARCH, text="茶", order=order, limit=2, cursor=cursor).json
            found += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]

        assert sorted(found) == sorted(lots)
        if order == "relevance":
            assert found == sorted(lots)
        else:
            assert [lots[each] for each in found] == ["茶", "茶", "茶", "红", "c"]

    def test_finds_nothing_where_nothing_is(self, host):
        assert host.get(SEARCH, text="tea").json == {
            "items": [],
            "next_cursor": None,
            "facets": {
                "counted": 0,
                "more": False,
                "category": [],
                "condition": [],
                "city": [],
                "pack_price": [],
                "subsidy": [],
            },
        }

    def test_needs_a_login(self, app):
        assert app.test_client().get(SEARCH).status_code == 401

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("text=%2D%21", "text"),
            ("text=", "text"),
            ("text=" + "x" * 81, "text"),
            ("text=a+b+c+d+e+f+g", "text"),
            ("text=%00", "text"),
            ("category=" + "x" * 121, "category"),
            ("condition=used", "condition"),
            ("near=121.47", "near"),
            ("near=181,0", "near"),
            ("near=0,91", "near"),
            ("near=nan,0", "near"),
            ("near=0,0&within_km=0", "within_km"),
            ("near=0,0&within_km=1001", "within_km"),
            ("within_km=5", "within_km"),
            ("order=nearest", "order"),
            ("order=relevance", "order"),
            ("order=best", "order"),
            ("best_before_from=tomorrow", "best_before_from"),
            ("closes_after=2026-03-01", "closes_after"),
            ("pack_price_from=-1", "pack_price_from"),
            ("pack_price_to=1.5", "pack_price_to"),
            ("subsidy_from=much", "subsidy_from"),
            ("limit=0", "limit"),
            ("colour=red", "colour"),
        ],
    )
    def test_refuses_what_is_no_search(self, host, query, field):
        answer = host.get(SEARCH, **{key: one for key, (one,) in _pairs(query)})

        assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
        assert list(answer.json["errors"]["query"]) == [field]

    @pytest.mark.parametrize(
        "cursor",
        [
            "***",
            cursor_of("newest 1 " + an_id("lot")),
            cursor_of("closing x " + an_id("lot")),
            cursor_of("closing 1"),
            cursor_of(f"closing {10**19} " + an_id("lot")),
            cursor_of("name " + an_id("lot")),
        ],
    )
    def test_refuses_a_cursor_that_is_not_of_this_search(self, host, cursor):
        answer = host.get(SEARCH, cursor=cursor)

        assert (answer.status_code, answer.json["code"]) == (422, "cursor-malformed")

    def test_ends_after_a_cursor_from_beyond_all_time(self, brand, host):
        publish(brand)

        answer = host.get(SEARCH, cursor=cursor_of(f"closing {10**18 - 1} " + an_id("lot")))

        assert (answer.status_code, answer.json["items"]) == (200, [])

    def test_lists_the_dearest_goods_there_can_be(self, brand, host):
        line = a_line_body(units=1_000_000, unit_price=yuan(10**15))
        lot = publish(brand, manifest=[line], units_per_pack=1_000_000)

        (item,) = host.get(SEARCH, order="cheapest").json["items"]

        assert (item["id"], item["pack_price"]) == (lot["id"], yuan(10**15))


class TestPlace:
    def test_is_given_back_as_it_was_sent(self, brand, calling):
        lot = publish(brand, place=SHANGHAI)

        assert lot["place"] == SHANGHAI
        assert calling(HOST).get(f"/v1/lots/{lot['id']}").json["place"] == SHANGHAI
        assert publish(brand)["place"] is None

    @pytest.mark.parametrize(
        "place",
        [
            "Shanghai",
            {"longitude": 1},
            {"longitude": 180.1, "latitude": 0},
            {"longitude": 0, "latitude": -90.1},
            {"longitude": "east", "latitude": 0},
            SHANGHAI | {"height": 1},
        ],
    )
    def test_is_refused_when_it_is_nowhere_on_earth(self, brand, place):
        before = everything()

        answer = brand.post("/v1/lots", a_lot_body(place=place))

        assert answer.status_code == 400
        assert "place" in str(answer.json["errors"])
        assert everything() == before


class TestIndexes:
    @pytest.fixture
    def profiled(self, host):
        """What MongoDB did for a search, in order: each plan, and how many rows it read."""

        def profile(kind, **query) -> list[tuple[str, int]]:
            database = mongo.database()
            database.command("profile", 2)
            answer = host.get(SEARCH, **query)
            database.command("profile", 0)
            assert answer.status_code == 200, answer.json
            done = database["system.profile"].find({"ns": f"{database.name}.{kind}"})
            return [(row["planSummary"], row["docsExamined"]) for row in done.sort("$natural", 1)]

        yield profile
        mongo.database()["system.profile"].drop()

    @pytest.mark.parametrize(
        ("query", "summary", "read"),
        [
            ({"text": "green"}, "IXSCAN { keys: 1, condition: 1, pack_price: 1 }", 1),
            ({"text": "green tea"}, "IXSCAN { keys: 1, condition: 1, pack_price: 1 }", 1),
            ({"text": "绿"}, "IXSCAN { keys: 1, condition: 1, pack_price: 1 }", 1),
            (
                {"text": "lc", "category": "tea"},
                "IXSCAN { keys: 1, condition: 1, pack_price: 1 }",
                1,
            ),
            ({"category": "tea", "condition": "good"}, "IXSCAN { category: 1, ends_at: 1, ", 2),
            ({"near": "121.47,31.23"}, 'IXSCAN { place: "2dsphere", ', 1),
            ({"condition": "fair"}, "IXSCAN { ends_at: 1, _id: 1, ", 4),
            ({"condition": "fair", "order": "newest"}, "IXSCAN { published_at: -1, _id: 1, ", 4),
            ({"condition": "new", "order": "cheapest"}, "IXSCAN { pack_price: 1, _id: 1, ", 3),
            ({"condition": "fair", "order": "name"}, "IXSCAN { name: 1, _id: 1, ", 4),
        ],
    )
    def test_lead_to_what_is_asked_for_and_little_else(
        self, brand, profiled, query, summary, read
    ):
        publish(brand, "Green tea", category="tea", place=SHANGHAI)
        publish(brand, "绿茶", category="tea")
        fair = [a_line_body(condition="fair")]
        publish(brand, "Cup", manifest=fair)
        publish(brand, "Clips")
        broken = [a_line_body(condition="for-parts")]
        for _ in range(3):
            publish(brand, "Pieces", manifest=broken)

        *_, (plan, examined) = profiled("listings", **query)

        assert plan.startswith(summary)
        assert examined == read

    def test_tell_what_offers_pay_by_themselves(self, brand, profiled):
        publish(brand)
        brand.post("/v1/offers", an_offer_body())

        (paying, read), (best, read_again) = profiled("subsidy_offers", subsidy_from=1)

        assert paying.startswith("IXSCAN { subsidy_minor: 1, brand_id: 1, ")
        assert best.startswith("IXSCAN { brand_id: 1, subsidy_minor: 1, ")
        assert (read, read_again) == (0, 0)

    def test_count_how_rare_a_word_is_without_reading_a_row(self, brand, profiled):
        publish(brand, "Green tea")

        counting, finding = profiled("listings", text="green")

        assert counting == ("IXSCAN { keys: 1, condition: 1, pack_price: 1 }", 0)
        assert finding == ("IXSCAN { keys: 1, condition: 1, pack_price: 1 }", 1)


def _pairs(query: str):
    return parse_qs(query, keep_blank_values=True).items()


class TestCities:
    def test_are_compared_without_case(self, brand, calling):
        lot = brand.post("/v1/lots", a_lot_body(city="Shanghai")).json

        found = calling(HOST).get("/v1/lots/search", city="  shanghai").json["items"]

        assert [item["id"] for item in found] == [lot["id"]]

    def test_find_no_lot_that_may_not_go_there(self, brand, calling):
        only = {"regions": ["上海"]}
        lot = brand.post("/v1/lots", a_lot_body(city="", restrictions=only)).json
        host = calling(HOST)

        assert host.get("/v1/lots/search", city="北京").json["items"] == []
        (found,) = host.get("/v1/lots/search", city="上海").json["items"]
        assert found["id"] == lot["id"]
