"""Lots and subsidy offers over HTTP."""

from __future__ import annotations

import pytest

from chassis.mongo import collection
from tests.integration.catalog.bodies import (
    a_line_body,
    a_lot_body,
    a_ramp,
    an_offer_body,
    soon,
    yuan,
)
from tests.integration.catalog.conftest import everything, outbox_types
from tests.unit.catalog.fakes import BRAND, HOST, OTHER_BRAND, an_id, some_terms


def publish(brand, **changes) -> dict:
    answer = brand.post("/v1/lots", a_lot_body(**changes))
    assert answer.status_code == 201, answer.json
    return answer.json


class TestPublish:
    def test_answers_with_totals_that_the_server_computed(self, brand):
        lot = publish(
            brand,
            manifest=[
                a_line_body(units=60),
                a_line_body(sku="B", units=40, unit_price=yuan(100), condition="fair"),
            ],
        )

        assert lot["brand_id"] == BRAND
        assert lot["total_units"] == 100
        assert lot["retail_value"] == yuan(79_000)
        assert lot["unit_price"] == yuan(790)
        assert lot["condition"] == "fair"
        assert (lot["packs_total"], lot["packs_free"]) == (10, 10)
        assert (lot["category"], lot["tags"]) == ("accessories", ["hair", "spring"])
        assert outbox_types(lot["id"]) == ["catalog.lot.published.v1"]

    def test_replays_its_answer_for_the_same_key(self, brand):
        body = a_lot_body()

        first = brand.post("/v1/lots", body, key="one")
        again = brand.post("/v1/lots", body, key="one")

        assert again.json == first.json
        assert collection("stock_lots").count_documents({}) == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("colour", "red"),
            ("title", ""),
            ("title", "x" * 121),
            ("title", "half \ud800"),
            ("title", 7),
            ("tags", ["x"] * 21),
            ("manifest", []),
            ("manifest", [a_line_body(units=0)]),
            ("manifest", [a_line_body(units=1.5)]),
            ("manifest", [a_line_body(units="7")]),
            ("manifest", [a_line_body(condition="used")]),
            ("manifest", [a_line_body(unit_price=yuan(-1))]),
            ("manifest", [a_line_body(unit_price=yuan(1.5))]),
            ("manifest", [a_line_body(unit_price=yuan(1, "USD"))]),
            ("manifest", [a_line_body()] * 201),
            ("units_per_pack", 0),
            ("max_packs_per_host", -1),
            ("closes_at", "tomorrow"),
            ("closes_at", "2030-01-01T00:00:00"),
            ("closes_at", None),
            ("actual_photos", "yes"),
            ("newcomers_basis_points", 999),
            ("newcomers_basis_points", 10_001),
            ("restrictions", {"regions": [""]}),
            ("restrictions", {"regions": ["x" * 61]}),
            ("restrictions", {"regions": ["x"] * 101}),
            ("restrictions", {"channels": ["market"]}),
            ("restrictions", {"channels": ["online"] * 4}),
            ("restrictions", {"resale_allowed": "no"}),
            ("restrictions", {"lowest_resale_price": yuan(0)}),
            ("restrictions", {"country": "CN"}),
        ],
    )
    def test_refuses_what_is_no_lot(self, brand, field, value):
        before = everything()

        answer = brand.post("/v1/lots", a_lot_body(**{field: value}))

        assert answer.status_code == 400, answer.json
        assert answer.content_type == "application/problem+json"
        assert field in str(answer.json["errors"])
        assert everything() == before

    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("packs-uneven", {"units_per_pack": 7}),
            ("past-best-before", {"best_before": soon(days=-1)}),
            ("closes-in-the-past", {"closes_at": soon(seconds=-1)}),
            ("city-outside-regions", {"restrictions": {"regions": ["北京"]}}),
            (
                "gift-has-no-price",
                {"restrictions": {"resale_allowed": False, "lowest_resale_price": yuan(1)}},
            ),
        ],
    )
    def test_refuses_what_breaks_a_rule(self, brand, code, changes):
        before = everything()

        answer = brand.post("/v1/lots", a_lot_body(**changes))

        assert (answer.status_code, answer.json["code"]) == (422, code)
        assert answer.json["hint"]
        assert answer.json["title_zh"]
        assert everything() == before

    def test_is_for_brands_only(self, calling):
        before = everything()

        answer = calling(HOST).post("/v1/lots", a_lot_body())

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")
        assert everything() == before

    def test_may_be_done_by_staff(self, calling):
        assert calling(BRAND, "staff").post("/v1/lots", a_lot_body()).status_code == 201

    def test_needs_a_login(self, app):
        answer = app.test_client().post("/v1/lots", json=a_lot_body())

        assert answer.status_code == 401


class TestRead:
    def test_shows_a_lot_to_hosts(self, brand, calling):
        lot = publish(brand)

        answer = calling(HOST).get(f"/v1/lots/{lot['id']}")

        assert answer.json == lot
        assert answer.headers["ETag"] == '"1"'

    def test_knows_no_lot_that_was_not_published(self, brand):
        for lot_id in (an_id("lot"), "lot_", "$ne", "x" * 300):
            answer = brand.get(f"/v1/lots/{lot_id}")
            assert (answer.status_code, answer.json["code"]) == (404, "lot-not-found")


class TestList:
    def test_gives_page_after_page_of_the_callers_own(self, brand, calling):
        mine = [publish(brand, title=f"Lot {n}")["id"] for n in range(5)]
        publish(calling(OTHER_BRAND))
        found, cursor = [], None

        while True:
            answer = brand.get("/v1/lots", limit=2, **({"cursor": cursor} if cursor else {})).json
            found += [lot["id"] for lot in answer["items"]]
            cursor = answer["next_cursor"]
            if cursor is None:
                break

        assert sorted(found) == sorted(mine)
        assert len(found) == 5

    def test_refuses_a_cursor_it_did_not_give(self, brand):
        answer = brand.get("/v1/lots", cursor="***")

        assert (answer.status_code, answer.json["code"]) == (422, "cursor-malformed")

    def test_is_empty_for_who_publishes_nothing(self, calling):
        assert calling(HOST).get("/v1/lots").json == {"items": [], "next_cursor": None}


class TestClose:
    def test_withdraws_a_lot_once(self, brand):
        lot = publish(brand)

        first = brand.post(f"/v1/lots/{lot['id']}/closures")
        second = brand.post(f"/v1/lots/{lot['id']}/closures")

        assert (first.status_code, first.json["closed"]) == (201, "withdrawn")
        assert (second.status_code, second.json["code"]) == (422, "lot-closed")
        assert outbox_types(lot["id"])[1:] == ["catalog.lot.closed.v1"]


class TestAdjust:
    def test_books_the_difference_in_the_journal(self, brand):
        lot = publish(brand)

        answer = brand.post(
            f"/v1/lots/{lot['id']}/adjustments", {"packs": -3, "why": "rain in the store"}
        )
        journal = brand.get(f"/v1/lots/{lot['id']}/stock-entries").json["items"]

        assert (answer.status_code, answer.json["packs_free"]) == (201, 7)
        assert [(row["number"], row["kind"], row["free"]) for row in journal] == [
            (1, "received", 10),
            (2, "counted", -3),
        ]
        assert sum(row["free"] for row in journal) == 7

    @pytest.mark.parametrize("body", [{"packs": 0, "why": "x"}, {"packs": 1}, {"packs": 1.5}])
    def test_refuses_what_is_no_correction(self, brand, body):
        lot = publish(brand)
        before = everything()

        answer = brand.post(f"/v1/lots/{lot['id']}/adjustments", body)

        assert answer.status_code == 400
        assert everything() == before

    def test_refuses_to_go_below_none(self, brand):
        lot = publish(brand)
        before = everything()

        answer = brand.post(f"/v1/lots/{lot['id']}/adjustments", {"packs": -11, "why": "x"})

        assert (answer.status_code, answer.json["code"]) == (422, "not-enough-packs")
        assert answer.json["free"] == 10
        assert everything() == before

    def test_pages_through_the_journal(self, brand):
        lot = publish(brand)
        for _ in range(3):
            brand.post(f"/v1/lots/{lot['id']}/adjustments", {"packs": 1, "why": "found"})
        path = f"/v1/lots/{lot['id']}/stock-entries"

        first = brand.get(path, limit=3).json
        rest = brand.get(path, limit=3, cursor=first["next_cursor"]).json

        assert [row["number"] for row in first["items"] + rest["items"]] == [1, 2, 3, 4]
        assert rest["next_cursor"] is None


class TestAnotherBrand:
    @pytest.mark.parametrize(
        ("verb", "path", "body"),
        [
            ("post", "closures", None),
            ("post", "adjustments", {"packs": 1, "why": "x"}),
            ("get", "stock-entries", None),
        ],
    )
    def test_cannot_touch_a_lot_nor_tell_it_from_none(self, brand, calling, verb, path, body):
        lot = publish(brand)
        before = everything()
        other = calling(OTHER_BRAND)

        def ask(lot_id):
            options = (body,) if verb == "post" else ()
            return getattr(other, verb)(f"/v1/lots/{lot_id}/{path}", *options)

        theirs, nobodys = ask(lot["id"]), ask(an_id("lot"))

        assert (theirs.status_code, theirs.json["code"]) == (404, "lot-not-found")
        assert theirs.json["title"] == nobodys.json["title"]
        assert theirs.json["detail"] == f"no lot {lot['id']}"
        assert everything() == before


A_CLAUSE = {
    "name": "big",
    "when": "community_size >= 50",
    "en": "At least 50 people.",
    "zh": "至少五十人。",
}


class TestOffers:
    def test_opens_reads_and_closes(self, brand, calling):
        opened = brand.post("/v1/offers", an_offer_body())
        offer = opened.json
        assert offer["ramp"] is None

        read = calling(HOST).get(f"/v1/offers/{offer['id']}").json
        closed = brand.post(f"/v1/offers/{offer['id']}/closures").json

        assert opened.status_code == 201
        assert read == offer
        assert offer["terms"] == some_terms()
        assert closed["closed"] == "withdrawn"
        assert outbox_types(offer["id"]) == [
            "catalog.offer.opened.v1",
            "catalog.offer.closed.v1",
        ]
        listed = brand.get("/v1/offers").json["items"]
        assert [(one["id"], one["closed"]) for one in listed] == [(offer["id"], "withdrawn")]

    def test_shows_every_host_its_limits_and_conditions(self, brand, calling):
        limits = {
            "most_per_host": yuan(100_000),
            "most_per_period": {"most": yuan(500_000), "days": 30},
            "eligibility": [A_CLAUSE],
        }
        offer = brand.post("/v1/offers", an_offer_body(**limits)).json

        read = calling(HOST).get(f"/v1/offers/{offer['id']}").json
        (listed,) = brand.get("/v1/offers").json["items"]

        assert {name: offer[name] for name in limits} == limits
        assert read == offer == listed

    @pytest.mark.parametrize(
        "changes",
        [
            {"subsidy": yuan(0)},
            {"most_per_host": yuan(0)},
            {"eligibility": [A_CLAUSE, A_CLAUSE]},
            {"eligibility": [A_CLAUSE | {"name": "Not a name"}]},
            {"most_per_period": {"most": yuan(500_000)}},
            {"most_per_period": {"most": yuan(500_000), "days": 0}},
            {"subsidy": yuan(1.5)},
            {"total_cap": yuan(-1)},
            {"total_cap": yuan(100, "USD")},
            {"min_checked_in": 0},
            {"terms": some_terms(host=-1)},
            {"terms": some_terms(guest=1)},
            {"terms": {"brand": 10_000}},
            {"closes_at": "never"},
            {"colour": "red"},
            {"ramp": a_ramp()},
            {"ramp": a_ramp((0, 1_000))},
            {"ramp": a_ramp((367, 1_000))},
            {"ramp": a_ramp((7, 0))},
            {"ramp": a_ramp(*((40 - n, 1 + n) for n in range(11)))},
            {"ramp": {"steps": [{"days_before": 7, "extra_basis_points": 1}]}},
        ],
    )
    def test_refuses_what_is_no_offer(self, brand, changes):
        before = everything()

        answer = brand.post("/v1/offers", an_offer_body(**changes))

        assert answer.status_code == 400, answer.json
        assert everything() == before

    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("terms-incomplete", {"terms": some_terms(host=2001)}),
            ("cap-too-small", {"total_cap": yuan(49_999)}),
            ("offer-ends-too-soon", {"closes_at": soon(seconds=-1)}),
            ("ramp-uneven", {"ramp": a_ramp((7, 1_000), (8, 2_000))}),
            ("ramp-below-subsidy", {"ramp": a_ramp((7, 1_000), most=49_999)}),
            ("cap-too-small", {"ramp": a_ramp((7, 1_000), most=5_000_001)}),
        ],
    )
    def test_refuses_what_breaks_a_rule(self, brand, code, changes):
        before = everything()

        answer = brand.post("/v1/offers", an_offer_body(**changes))

        assert (answer.status_code, answer.json["code"]) == (422, code)
        assert everything() == before

    def test_shows_how_the_subsidy_rises(self, brand, calling):
        ramp = a_ramp((30, 1_000), (7, 5_000))

        offer = brand.post("/v1/offers", an_offer_body(ramp=ramp)).json

        assert offer["ramp"] == ramp
        assert calling(HOST).get(f"/v1/offers/{offer['id']}").json == offer
        assert brand.get("/v1/offers").json["items"] == [offer]

    def test_binds_the_brand_so_staff_may_not(self, calling):
        answer = calling(BRAND, "staff").post("/v1/offers", an_offer_body())

        assert answer.status_code == 403

    def test_of_another_brand_is_unknown(self, brand, calling):
        offer = brand.post("/v1/offers", an_offer_body()).json
        before = everything()

        answer = calling(OTHER_BRAND).post(f"/v1/offers/{offer['id']}/closures")

        assert (answer.status_code, answer.json["code"]) == (404, "offer-not-found")
        assert everything() == before
