"""From people to brands and venues and back, over HTTP, on the real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.ids import from_int
from chassis.mongo import collection
from services.matching.pictures.domain import HostRecord, People, Picture
from services.matching.pictures.repositories import MongoPictures
from services.matching.supply.domain import Booking, Holding, KitLine, OpenedSlot, SlotHold, Venue
from services.matching.supply.repositories import MongoCartridges, MongoKits, MongoSlots
from tests.builders.matching import a_kit, a_version
from tests.integration.matching.ranking.caller import Caller
from tests.integration.matching.ranking.told import lot_id
from tests.unit.matching.offers.builders import BRAND, HOST, NOW, OTHER_HOST

OTHER_BRAND = from_int("org", 77)


def host_id(number: int) -> str:
    return from_int("org", 1_000 + number)


def draw(*pictures: Picture) -> None:
    MongoPictures().mark(picture.host_id for picture in pictures)
    MongoPictures().put(pictures)


def a_drawn(number: int, size: int = 60, *, city: str = "suzhou", tag: str = "tea", **fields):
    people = (People(f"com_{number}", city, size, {tag: 50}),)
    return Picture(host_id=host_id(number), people=people, **fields)


@pytest.fixture
def brand(app, keys) -> Caller:
    return Caller(app, keys, BRAND, "brand")


def a_venue(number: int, city: str) -> str:
    """A venue with slots ahead, one taken, one held and one held no more, and one past."""
    venue = from_int("ven", number)
    slots = MongoSlots()
    slots.note_venues(
        [
            Venue(
                id=venue,
                venue_org_id=from_int("org", 5),
                city=city,
                capacity=30,
                equipment=(),
            )
        ]
    )
    times = [NOW + timedelta(days=days) for days in (1, 2, 3, -1, 4, 5)]
    slots.note_slots(
        [
            OpenedSlot(
                id=from_int("slt", number * 10 + place),
                venue_id=venue,
                starts_at=begins,
                ends_at=begins + timedelta(hours=2),
            )
            for place, begins in enumerate(times)
        ]
    )
    slots.note_bookings(
        [Booking(slot_id=from_int("slt", number * 10), gathering_id=from_int("gth", 1))]
    )
    for place, until in ((4, NOW + timedelta(hours=1)), (5, NOW)):
        hold = SlotHold(host_id=OTHER_HOST, expires_at=until, is_accepted=True)
        slots.note_holdings([Holding(from_int("slt", number * 10 + place), hold)])
    return venue


class TestTheBrandsOfAHost:
    def test_are_best_first_each_with_reasons_lots_and_kits(self, told, host):
        told.take(
            told.opened(),
            told.opened(from_int("off", 9), brand_id=OTHER_BRAND),
            told.published(1, tags=["toys"]),
            told.published(2, tags=["tea"], brand_id=OTHER_BRAND),
            told.published(3, tags=["tea", "toys"], brand_id=OTHER_BRAND),
            told.published(4, tags=["tea"], brand_id=OTHER_BRAND, min_community_size=61),
        )
        kit = a_kit()
        line = KitLine(lot_id(2), OTHER_BRAND, 1, 2_500)
        MongoKits().note([a_kit(lines=(kit.lines[0], line))])
        host.found(tags={"tea": 80, "toys": 20})

        answer = host.get(f"/v1/hosts/{HOST}/brands")

        assert answer.status_code == 200, answer.json
        first, second = answer.json["brands"]
        assert [first["brand_id"], second["brand_id"]] == [OTHER_BRAND, BRAND]
        assert first["shared_tags"] == ["tea", "toys"]
        assert [lot["lot_id"] for lot in first["lots"]] == [lot_id(3), lot_id(2)]
        assert first["lots_open"] == 2
        assert [kit["kit_id"] for kit in first["kits"]] == [kit.id]
        assert second["kits"] == []
        for each in (first, second):
            assert sum(term["points"] for term in each["wants"]) == each["host_wants"]
            assert sum(term["points"] for term in each["accepts"]) == each["brand_accepts"]
            assert each["score"] == each["host_wants"] * each["brand_accepts"] // 1_000_000
            assert all(term["why_en"] and term["why_zh"] for term in each["wants"])

    def test_come_with_idle_rooms_in_her_cities_and_themes_of_her_people(self, told, host):
        there = a_venue(1, "Suzhou")
        a_venue(2, "Xian")
        tea, toys = ({"tags": [tag]} for tag in ("tea", "toys"))
        old = a_version(manifest=tea, version="1.9.0", digest="sha256:" + "1" * 64)
        new = a_version(manifest=tea, version="1.10.0", digest="sha256:" + "2" * 64)
        other = a_version(
            manifest=toys, cartridge_id=from_int("crt", 8), digest="sha256:" + "3" * 64
        )
        yanked = a_version(manifest=tea, version="2.0.0", digest="sha256:" + "4" * 64)
        MongoCartridges().note([new, old, other, yanked])
        MongoCartridges().note_yanked([yanked.digest])
        host.found()

        found = host.get(f"/v1/hosts/{HOST}/brands").json

        assert [(room["venue_id"], room["city"]) for room in found["venues"]] == [
            (there, "suzhou")
        ]
        begins = [slot["starts_at"][:10] for slot in found["venues"][0]["slots"]]
        assert begins == ["2026-03-03", "2026-03-04", "2026-03-06"]
        assert [(each["digest"], each["shared_tags"]) for each in found["cartridges"]] == [
            (new.digest, ["tea"])
        ]
        assert found["brands"] == []

    def test_name_of_each_theme_the_latest_version(self, told, host):
        versions = ["1.2.0", "1.10.0-rc.1", *(f"0.{number}.0" for number in range(110))]
        told.take(told.opened(), told.published(1))
        host.found(tags={"tea": 80})
        MongoCartridges().note(
            [
                a_version(
                    digest=f"sha256:{place:064d}", version=version, manifest={"tags": ["tea"]}
                )
                for place, version in enumerate([*versions, "1.10.0"])
            ]
        )

        (theme,) = host.get(f"/v1/hosts/{HOST}/brands").json["cartridges"]

        assert theme["version"] == "1.10.0"

    def test_are_none_for_nobody_and_hers_alone(self, host):
        answer = host.get(f"/v1/hosts/{HOST}/brands")

        assert answer.json == {"host_id": HOST, "brands": [], "venues": [], "cartridges": []}
        refused = host.get(f"/v1/hosts/{OTHER_HOST}/brands")
        assert refused.json["code"] == "picture-of-another"


class TestTheHostsOfABrand:
    def test_are_those_whose_people_care_best_first_with_the_record_they_see(self, told, brand):
        told.take(told.opened(), told.published(1, min_community_size=20))
        kept = HostRecord(held=9, approved=9, settled=9)
        draw(
            a_drawn(1, 60),
            a_drawn(2, 60, record=kept),
            a_drawn(3, 19),
            a_drawn(4, 90, tag="toys"),
        )

        answer = brand.get(f"/v1/brands/{BRAND}/hosts")

        assert answer.status_code == 200, answer.json
        first, second = answer.json["items"]
        assert [first["host_id"], second["host_id"]] == [host_id(2), host_id(1)]
        assert (first["newcomer"], second["newcomer"]) == (False, True)
        assert {line["name"]: line["number"] for line in first["record"]} == {
            line.name: line.number for line in kept.lines()
        }
        assert first["lot_ids"] == [lot_id(1)]
        assert (first["largest_community"], first["cities"]) == (60, ["suzhou"])
        assert first["score"] > second["score"]

    def test_are_the_same_fit_that_the_host_reads(self, told, host, brand):
        told.take(told.opened(), told.published(1))
        host.found()
        draw(Picture(host_id=HOST, people=(People("com_1", "suzhou", 60, {"tea": 80}),)))

        (hers,) = host.get(f"/v1/hosts/{HOST}/brands").json["brands"]
        (its,) = brand.get(f"/v1/brands/{BRAND}/hosts").json["items"]

        same = ("score", "host_wants", "brand_accepts", "wants", "accepts", "shared_tags")
        assert {name: hers[name] for name in same} == {name: its[name] for name in same}

    def test_come_in_pages_without_a_gap(self, told, brand):
        told.take(told.opened(), told.published(1))
        draw(*(a_drawn(number, 60 + number % 3) for number in range(7)))

        pages, cursor = [], None
        while not pages or cursor:
            query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            answer = brand.get(f"/v1/brands/{BRAND}/hosts", **query).json
            pages.append([(each["score"], each["host_id"]) for each in answer["items"]])
            cursor = answer["next_cursor"]

        found = [each for page in pages for each in page]
        assert list(map(len, pages)) == [3, 3, 1]
        assert found == sorted(found, key=lambda each: (-each[0], each[1]))
        assert len({name for _, name in found}) == 7

    def test_keep_their_order_from_page_to_page_whatever_is_drawn_meanwhile(self, told, brand):
        told.take(told.opened(), told.published(1, min_community_size=20))
        draw(*(a_drawn(number, 70 - number) for number in range(5)))
        first = brand.get(f"/v1/brands/{BRAND}/hosts", limit=2).json

        # The first falls behind, the third no longer fits, the last would be first.
        draw(a_drawn(0, 30), a_drawn(2, 10), a_drawn(4, 200), a_drawn(9, 300))
        second = brand.get(f"/v1/brands/{BRAND}/hosts", limit=2, cursor=first["next_cursor"]).json

        assert [each["host_id"] for each in first["items"]] == [host_id(0), host_id(1)]
        assert [each["host_id"] for each in second["items"]] == [host_id(3), host_id(4)]
        assert second["items"][1]["largest_community"] == 200
        assert second["next_cursor"] is None
        anew = brand.get(f"/v1/brands/{BRAND}/hosts").json["items"]
        assert [each["host_id"] for each in anew] == [host_id(n) for n in (9, 4, 1, 3, 0)]

    def test_name_no_guest_no_community_and_nothing_to_repair(self, told, brand):
        told.take(told.opened(), told.published(1))
        draw(a_drawn(1, record=HostRecord(disputed=1)))

        text = brand.get(f"/v1/brands/{BRAND}/hosts").get_data(as_text=True)

        assert "com_1" not in text
        assert "repair" not in text

    def test_are_for_the_brand_alone(self, host, brand):
        refused = brand.get(f"/v1/brands/{OTHER_BRAND}/hosts")

        assert (refused.status_code, refused.json["code"]) == (403, "fits-of-another-brand")
        assert host.get(f"/v1/brands/{BRAND}/hosts").json["code"] == "permission-missing"
        assert brand.get(f"/v1/brands/{BRAND}/hosts").json == {"items": [], "next_cursor": None}


class TestADryRun:
    CLAUSE = {
        "name": "experienced",
        "when": "settled_gatherings >= 2",
        "en": "Two settled gatherings.",
        "zh": "两场已结算的活动。",
    }

    def test_says_who_would_pass_and_keeps_nothing(self, brand):
        record = HostRecord(settled=2)
        draw(a_drawn(1, 60, record=record), a_drawn(2, 60), a_drawn(3, 47, record=record))
        MongoPictures().mark([host_id(9)])  # was never drawn
        before = _everything()

        body = {
            "min_community_size": 50,
            "cities": [" Suzhou"],
            "eligibility": [self.CLAUSE],
            "packs": 10,
            "newcomers_basis_points": 2_000,
        }
        answer = brand.post(f"/v1/brands/{BRAND}/dry-runs", body)

        assert answer.status_code == 200, answer.json
        assert {name: answer.json[name] for name in answer.json if name != "rules"} == {
            "hosts": 3,
            "passing": 1,
            "newcomers_passing": 0,
            "packs_kept": 2,
            "host_ids": [host_id(1)],
        }
        size, city, experienced = answer.json["rules"]
        assert (size["failing"], size["nearest"]) == (1, [{"host_id": host_id(3), "short": 3}])
        assert (city["failing"], city["asks_en"]) == (0, "A community in suzhou.")
        assert experienced["nearest"] == [{"host_id": host_id(2), "short": 2}]
        assert experienced["asks_zh"] == "两场已结算的活动。"
        assert _everything() == before

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"min_community_size": 0}, 400, "invalid-request"),
            ({"newcomers_basis_points": 10_001}, 400, "invalid-request"),
            ({"eligibility": [{**CLAUSE, "when": "people >"}]}, 422, "threshold-invalid"),
            ({"eligibility": [{**CLAUSE, "when": "people > 3"}]}, 422, "threshold-invalid"),
        ],
    )
    def test_refuses_what_no_offer_could_ask(self, brand, body, status, code):
        answer = brand.post(f"/v1/brands/{BRAND}/dry-runs", body)

        assert (answer.status_code, answer.json["code"]) == (status, code)

    def test_is_no_transaction_for_it_may_take_longer_than_one(self, app, brand, monkeypatch):
        monkeypatch.setattr(app, "unit_of_work", lambda _: pytest.fail("a transaction"))

        assert brand.post(f"/v1/brands/{BRAND}/dry-runs", {}).status_code == 200

    def test_is_for_the_brand_alone(self, brand):
        refused = brand.post(f"/v1/brands/{OTHER_BRAND}/dry-runs", {})

        assert refused.json["code"] == "fits-of-another-brand"


def _everything() -> dict[str, list]:
    names = ("pictures", "offers", "subsidy_offers", "communities", "outbox", "idempotency_keys")
    return {name: list(collection(name).find().sort("_id", 1)) for name in names}
