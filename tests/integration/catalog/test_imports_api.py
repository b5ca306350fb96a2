"""Imports over HTTP, published by the worker's task."""

from __future__ import annotations

import pytest

from chassis.kernel.errors import Conflict
from chassis.kernel.time import system_clock
from chassis.mongo import atomically, collection
from services.catalog.imports import use_cases
from services.catalog.imports.api import LIMIT_BYTES
from services.catalog.imports.repositories import MongoImports
from services.catalog.lots.repositories import MongoLots
from tests.integration.catalog.bodies import a_lot_body
from tests.integration.catalog.conftest import everything, in_parallel
from tests.unit.catalog.fakes import BRAND, HOST, OTHER_BRAND, an_id
from tests.unit.catalog.imports.test_check import HEADER, ROW, a_file

CLOSES = {"closes_at": "2099-12-31"}


def rows(count: int, **cells) -> str:
    return a_file(*({"sku": f"S{number}", **CLOSES, **cells} for number in range(count)))


class TestDryRun:
    def test_tells_what_would_come_and_publishes_nothing(self, brand, checked, publish_imports):
        body = a_file(CLOSES, {"sku": "B", "packs": "x", **CLOSES}, {"sku": "C", **CLOSES})

        batch = checked(body)
        publish_imports()

        assert (batch["state"], batch["lines"], batch["good"], batch["bad"]) == (
            "checked",
            3,
            2,
            1,
        )
        assert batch["published"] == 0
        assert collection("stock_lots").count_documents({}) == 0
        (listed,) = brand.get("/v1/imports").json["items"]
        assert listed == {name: batch[name] for name in listed}
        assert collection("import_parts").count_documents({}) == 0

    def test_tells_every_bad_line_in_both_languages(self, brand, checked):
        bad = [{"sku": f"B{number}", "packs": "x", **CLOSES} for number in range(5)]
        batch = checked(a_file(CLOSES, *bad))
        path = f"/v1/imports/{batch['id']}/errors"

        first = brand.get(path, limit=3).json
        rest = brand.get(path, limit=3, cursor=first["next_cursor"]).json

        assert [one["line"] for one in first["items"] + rest["items"]] == [3, 4, 5, 6, 7]
        (fault,) = first["items"][0]["faults"]
        assert (fault["column"], fault["code"]) == ("packs", "not-a-count")
        assert "whole number" in fault["reason"]
        assert "整数" in fault["reason_zh"]

    def test_reads_gb18030_as_spreadsheets_save_it(self, checked):
        body = a_file({"title": "发夹", **CLOSES}).encode("gb18030")

        batch = checked(body)

        assert (batch["encoding"], batch["good"]) == ("gb18030", 1)

    def test_reads_utf_8_with_a_mark(self, checked):
        batch = checked(b"\xef\xbb\xbf" + a_file(CLOSES).encode())

        assert (batch["encoding"], batch["good"]) == ("utf-8", 1)

    def test_replays_its_answer_for_the_same_key(self, brand):
        first = brand.send_file(a_file(CLOSES), key="one").json
        again = brand.send_file(a_file(CLOSES), key="one").json

        assert again == first
        assert collection("imports").count_documents({}) == 1
        loose = {"loose_since": {"$exists": True}}  # the file that was sent again is swept
        assert collection("import_parts").count_documents(loose) == 1


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("code", "body"),
        [
            ("csv-columns", "sku,title\r\na,b\r\n"),
            ("csv-columns", a_file({}, header=[*HEADER, "colour"])),
            ("csv-empty", ""),
            ("csv-encoding", "茶".encode("utf-16")),
            ("csv-encoding", b"\xff\xff\xff"),
            ("xls-not-taken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504),
            ("xlsx-broken", b"PK\x03\x04 and no more"),
        ],
    )
    def test_are_refused_with_what_to_do(self, brand, code, body):
        before = everything()

        answer = brand.send_file(body)

        assert (answer.status_code, answer.json["code"]) == (422, code)
        assert answer.json["hint"]
        assert answer.json["title_zh"]
        assert everything() == before

    def test_name_the_columns(self, brand):
        columns = brand.send_file("sku,colour\r\na,b\r\n").json

        assert columns["unknown"] == ["colour"]
        assert "packs" in columns["missing"]

    def test_that_break_off_are_refused_by_line(self, brand, checked):
        batch = checked(a_file({}) + 'HC-2,"never closed\r\n')

        assert batch["state"] == "refused"
        (line,) = brand.get(f"/v1/imports/{batch['id']}/errors").json["items"]
        assert (line["line"], line["faults"][0]["code"]) == (3, "csv-broken")
        answer = brand.post(f"/v1/imports/{batch['id']}/confirmations")
        assert (answer.status_code, answer.json["code"]) == (422, "nothing-to-publish")

    def test_do_not_keep_others_waiting(self, checked):
        checked(a_file({}) + 'HC-2,"never closed')

        assert checked(a_file(CLOSES))["state"] == "checked"

    def test_of_another_type_are_refused(self, brand):
        answer = brand.post("/v1/imports", data=b"x", content_type="text/plain")

        assert answer.status_code == 415

    def test_that_are_too_large_are_refused(self, brand):
        before = everything()

        answer = brand.send_file(b"x" * (LIMIT_BYTES + 1))

        assert answer.status_code == 413
        assert everything() == before

    def test_in_an_unknown_encoding_are_refused(self, brand):
        answer = brand.post("/v1/imports?encoding=latin-1", data=b"x", content_type="text/csv")

        assert answer.status_code == 400

    def test_that_are_not_there_at_all_are_refused(self, brand):
        answer = brand.post("/v1/imports")

        assert (answer.status_code, answer.json["code"]) == (422, "csv-empty")

    def test_are_not_taken_from_hosts(self, calling):
        assert calling(HOST).send_file(a_file(CLOSES)).status_code == 403


class TestPublishing:
    def test_makes_lots_with_journal_and_events(self, brand, imported):
        batch = imported(rows(3))

        assert (batch["state"], batch["published"], batch["lapsed"]) == ("published", 3, 0)
        lots = brand.get("/v1/lots").json["items"]
        assert len(lots) == 3
        lot = brand.get(f"/v1/lots/{lots[0]['id']}").json
        assert (lot["title"], lot["city"]) == (ROW["title"], "上海")
        assert (lot["unit_price"], lot["packs_free"]) == ({"minor": 1250, "currency": "CNY"}, 40)
        (entry,) = brand.get(f"/v1/lots/{lot['id']}/stock-entries").json["items"]
        assert (entry["kind"], entry["free"], entry["reference"]) == ("received", 40, batch["id"])
        published = {"type": "catalog.lot.published.v1"}
        assert collection("outbox").count_documents(published) == 3

    def test_keeps_chinese_text_from_gb18030(self, brand, imported):
        imported(a_file({"title": "发夹", "tags": "头饰；春", **CLOSES}).encode("gb18030"))

        (lot,) = brand.get("/v1/lots").json["items"]
        assert lot["title"] == "发夹"
        assert brand.get(f"/v1/lots/{lot['id']}").json["tags"] == ["头饰", "春"]

    def test_can_be_watched_and_goes_on_after_a_crash(
        self, brand, checked, publish_imports, monkeypatch
    ):
        batch = checked(rows(1200))
        brand.post(f"/v1/imports/{batch['id']}/confirmations")
        publish, calls = use_cases.publish_lots, []

        def crash_at_the_second_chunk(*given, **named):
            calls.append(1)
            publish(*given, **named)
            if len(calls) == 2:
                raise ZeroDivisionError

        monkeypatch.setattr(use_cases, "publish_lots", crash_at_the_second_chunk)
        with pytest.raises(ZeroDivisionError):
            publish_imports()
        halfway = brand.get(f"/v1/imports/{batch['id']}").json
        lots_halfway = collection("stock_lots").count_documents({})
        publish_imports()
        done = brand.get(f"/v1/imports/{batch['id']}").json

        assert (halfway["state"], halfway["published"], lots_halfway) == ("confirmed", 500, 500)
        assert halfway["share_done"] == 1 / 3
        assert (done["state"], done["published"]) == ("published", 1200)
        assert collection("stock_lots").count_documents({}) == 1200
        assert collection("stock_entries").count_documents({}) == 1200
        assert collection("outbox").count_documents({}) == 1200

    def test_makes_each_lot_once_however_many_workers_there_are(self, brand, checked, settings):
        batch = checked(rows(3))
        brand.post(f"/v1/imports/{batch['id']}/confirmations")
        imports = MongoImports()
        known = imports.next_confirmed()
        imports.next_confirmed = lambda: known

        def publish(_worker=0):
            given = {"imports": imports, "lots": MongoLots(), "ids": an_id, "now": system_clock()}
            try:
                return atomically(lambda: use_cases.publish_next_chunk(**given))
            except Conflict:
                return 0

        assert sorted(in_parallel(publish, 2)) == [0, 1]
        assert collection("stock_lots").count_documents({}) == 3
        assert collection("outbox").count_documents({"type": "catalog.lot.published.v1"}) == 3

    def test_works_for_prices_beyond_32_bits(self, brand, imported):
        imported(a_file({"unit_price": "99999999.99", **CLOSES}))

        (lot,) = brand.get("/v1/lots").json["items"]
        assert brand.get(f"/v1/lots/{lot['id']}").json["unit_price"]["minor"] == 9_999_999_999

    def test_is_confirmed_once(self, brand, imported):
        batch = imported(rows(1))
        before = everything()

        answer = brand.post(f"/v1/imports/{batch['id']}/confirmations")

        assert (answer.status_code, answer.json["code"]) == (422, "import-confirmed")
        assert everything() == before

    def test_waits_for_the_check(self, brand):
        batch = brand.send_file(rows(1)).json
        before = everything()

        answer = brand.post(f"/v1/imports/{batch['id']}/confirmations")

        assert (answer.status_code, answer.json["code"]) == (422, "import-not-checked")
        assert everything() == before

    def test_needs_a_good_line(self, brand, checked):
        batch = checked(a_file({"packs": "x"}))

        answer = brand.post(f"/v1/imports/{batch['id']}/confirmations")

        assert (answer.status_code, answer.json["code"]) == (422, "nothing-to-publish")


class TestAnotherBrand:
    @pytest.mark.parametrize("path", ["", "/errors", "/changes", "/confirmations"])
    def test_cannot_tell_an_import_from_none(self, brand, calling, path):
        batch = brand.send_file(a_file(CLOSES)).json
        before = everything()
        other = calling(OTHER_BRAND)
        ask = other.post if path == "/confirmations" else other.get

        theirs = ask(f"/v1/imports/{batch['id']}{path}")
        nobodys = ask(f"/v1/imports/{an_id('imp')}{path}")

        assert (theirs.status_code, theirs.json["code"]) == (404, "import-not-found")
        assert theirs.json["title"] == nobodys.json["title"]
        assert everything() == before


class TestLotsThatExist:
    NUMBERED = {"lot_number": "A-1", **CLOSES}

    def test_are_shown_with_what_a_corrected_file_changes(self, brand, checked, imported):
        imported(a_file(self.NUMBERED))

        same = checked(a_file(self.NUMBERED))
        other = checked(a_file({**self.NUMBERED, "packs": "44"}))

        assert (same["new"], same["changed"], same["unchanged"]) == (0, 0, 1)
        assert (other["new"], other["changed"], other["unchanged"]) == (0, 1, 0)
        (lot,) = brand.get("/v1/lots").json["items"]
        path = f"/v1/imports/{other['id']}/changes"
        assert brand.get(path).json["items"] == [
            {
                "line": 2,
                "lot_id": lot["id"],
                "differences": [{"column": "packs", "before": "40", "after": "44"}],
            }
        ]
        assert lot["packs_free"] == 40

    def test_are_corrected_and_not_doubled(self, brand, imported):
        imported(a_file(self.NUMBERED))

        done = imported(a_file({**self.NUMBERED, "packs": "44"}))

        assert (done["state"], done["published"], done["corrected"]) == ("published", 0, 1)
        (lot,) = brand.get("/v1/lots").json["items"]
        assert lot["packs_free"] == 44
        entries = brand.get(f"/v1/lots/{lot['id']}/stock-entries").json["items"]
        assert [entry["kind"] for entry in entries] == ["received", "counted"]

    def test_are_told_of_once_a_file_under_either_name(self, brand, imported):
        imported(a_file(self.NUMBERED))
        (lot,) = brand.get("/v1/lots").json["items"]

        done = imported(
            a_file(
                {**self.NUMBERED, "packs": "44"},
                {**self.NUMBERED, "lot_number": lot["id"], "packs": "50"},
            )
        )

        assert (done["state"], done["corrected"], done["bad"]) == ("published", 1, 1)
        (bad,) = brand.get(f"/v1/imports/{done['id']}/errors").json["items"]
        assert (bad["line"], bad["faults"][0]["code"]) == (3, "duplicate")
        assert brand.get(f"/v1/lots/{lot['id']}").json["packs_free"] == 44

    def test_keep_a_number_to_themselves_within_their_brand(self, brand, calling, imported):
        imported(a_file(self.NUMBERED))
        before = everything()

        mine = brand.post("/v1/lots", a_lot_body(lot_number="A-1"))
        theirs = calling(OTHER_BRAND).post("/v1/lots", a_lot_body(lot_number="A-1"))

        assert (mine.status_code, mine.json["code"]) == (409, "lot-number-taken")
        assert theirs.status_code == 201
        assert brand.post("/v1/lots", a_lot_body(lot_number="")).status_code == 201
        assert brand.post("/v1/lots", a_lot_body(lot_number=an_id("lot"))).status_code == 409
        assert before["stock_lots"][0] in everything()["stock_lots"]

    def test_are_found_by_number_on_an_index(self, imported):
        imported(rows(30))
        query = {"brand_id": BRAND, "number": {"$in": ["A-1", "A-2"]}}

        plan = collection("stock_lots").find(query).explain()["queryPlanner"]["winningPlan"]

        assert plan["inputStage"]["indexName"] == "brand_id_1_number_1"
