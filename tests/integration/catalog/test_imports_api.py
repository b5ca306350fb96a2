"""Imports over HTTP, published by the worker's task."""

from __future__ import annotations

import pytest

from chassis.mongo import collection
from services.catalog.app import create_worker
from services.catalog.imports import use_cases
from services.catalog.imports.api import LIMIT_BYTES
from tests.integration.catalog.conftest import everything
from tests.unit.catalog.fakes import HOST, OTHER_BRAND, an_id
from tests.unit.catalog.imports.test_check import HEADER, ROW, a_file

CLOSES = {"closes_at": "2099-12-31"}


def rows(count: int, **cells) -> str:
    return a_file(*({"sku": f"S{number}", **CLOSES, **cells} for number in range(count)))


@pytest.fixture
def publish_imports(settings):
    """Run the worker's task once."""
    tasks = {task.name: task.function for task in create_worker(settings).tasks}
    return tasks["publish-imports"]


@pytest.fixture
def imported(brand, publish_imports):
    """Send a file, confirm it and have it published; answer the import."""

    def run(body) -> dict:
        batch = brand.send_csv(body).json
        assert brand.post(f"/v1/imports/{batch['id']}/confirmations").status_code == 201
        publish_imports()
        return brand.get(f"/v1/imports/{batch['id']}").json

    return run


class TestDryRun:
    def test_tells_what_would_come_and_publishes_nothing(self, brand, publish_imports):
        body = a_file(CLOSES, {"sku": "B", "packs": "x", **CLOSES}, {"sku": "C", **CLOSES})

        answer = brand.send_csv(body)
        publish_imports()

        assert answer.status_code == 201, answer.json
        batch = answer.json
        assert (batch["state"], batch["lines"], batch["good"], batch["bad"]) == (
            "checked",
            3,
            2,
            1,
        )
        assert batch["published"] == 0
        assert collection("stock_lots").count_documents({}) == 0
        assert brand.get("/v1/imports").json["items"] == [batch]

    def test_tells_every_bad_line_in_both_languages(self, brand):
        bad = [{"sku": f"B{number}", "packs": "x", **CLOSES} for number in range(5)]
        batch = brand.send_csv(a_file(CLOSES, *bad)).json
        path = f"/v1/imports/{batch['id']}/errors"

        first = brand.get(path, limit=3).json
        rest = brand.get(path, limit=3, cursor=first["next_cursor"]).json

        assert [one["line"] for one in first["items"] + rest["items"]] == [3, 4, 5, 6, 7]
        (fault,) = first["items"][0]["faults"]
        assert (fault["column"], fault["code"]) == ("packs", "not-a-count")
        assert "whole number" in fault["reason"]
        assert "整数" in fault["reason_zh"]

    def test_reads_gb18030_as_spreadsheets_save_it(self, brand):
        body = a_file({"title": "发夹", **CLOSES}).encode("gb18030")

        batch = brand.send_csv(body).json

        assert (batch["encoding"], batch["good"]) == ("gb18030", 1)

    def test_reads_utf_8_with_a_mark(self, brand):
        batch = brand.send_csv(b"\xef\xbb\xbf" + a_file(CLOSES).encode()).json

        assert (batch["encoding"], batch["good"]) == ("utf-8", 1)

    def test_replays_its_answer_for_the_same_key(self, brand):
        first = brand.send_csv(a_file(CLOSES), key="one").json
        again = brand.send_csv(a_file(CLOSES), key="one").json

        assert again == first
        assert collection("imports").count_documents({}) == 1


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("code", "body"),
        [
            ("csv-broken", a_file({}) + 'HC-2,"never closed\r\n'),
            ("csv-columns", "sku,title\r\na,b\r\n"),
            ("csv-columns", a_file({}, header=[*HEADER, "colour"])),
            ("csv-empty", ""),
            ("csv-empty", ",".join(HEADER)),
            ("csv-encoding", "茶".encode("utf-16")),
            ("csv-encoding", b"\xff\xff\xff"),
        ],
    )
    def test_are_refused_with_what_to_do(self, brand, code, body):
        before = everything()

        answer = brand.send_csv(body)

        assert (answer.status_code, answer.json["code"]) == (422, code)
        assert answer.json["hint"]
        assert answer.json["title_zh"]
        assert everything() == before

    def test_name_the_line_and_the_columns(self, brand):
        broken = brand.send_csv(a_file({}) + 'HC-2,"never closed\r\n').json
        columns = brand.send_csv("sku,colour\r\na,b\r\n").json

        assert broken["line"] == 3
        assert columns["unknown"] == ["colour"]
        assert "packs" in columns["missing"]

    def test_of_another_type_are_refused(self, brand):
        answer = brand.post("/v1/imports", {"rows": []})

        assert answer.status_code == 415

    def test_that_are_too_large_are_refused(self, brand):
        before = everything()

        answer = brand.send_csv(b"x" * (LIMIT_BYTES + 1))

        assert answer.status_code == 413
        assert everything() == before

    def test_in_an_unknown_encoding_are_refused(self, brand):
        answer = brand.post("/v1/imports?encoding=latin-1", data=b"x", content_type="text/csv")

        assert answer.status_code == 400

    def test_are_not_taken_from_hosts(self, calling):
        assert calling(HOST).send_csv(a_file(CLOSES)).status_code == 403


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
        self, brand, settings, publish_imports, monkeypatch
    ):
        batch = brand.send_csv(rows(1200)).json
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
        assert (done["state"], done["published"]) == ("published", 1200)
        assert collection("stock_lots").count_documents({}) == 1200
        assert collection("stock_entries").count_documents({}) == 1200
        assert collection("outbox").count_documents({}) == 1200

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

    def test_needs_a_good_line(self, brand):
        batch = brand.send_csv(a_file({"packs": "x"})).json

        answer = brand.post(f"/v1/imports/{batch['id']}/confirmations")

        assert (answer.status_code, answer.json["code"]) == (422, "nothing-to-publish")


class TestAnotherBrand:
    @pytest.mark.parametrize("path", ["", "/errors", "/confirmations"])
    def test_cannot_tell_an_import_from_none(self, brand, calling, path):
        batch = brand.send_csv(a_file(CLOSES)).json
        before = everything()
        other = calling(OTHER_BRAND)
        ask = other.post if path == "/confirmations" else other.get

        theirs = ask(f"/v1/imports/{batch['id']}{path}")
        nobodys = ask(f"/v1/imports/{an_id('imp')}{path}")

        assert (theirs.status_code, theirs.json["code"]) == (404, "import-not-found")
        assert theirs.json["title"] == nobodys.json["title"]
        assert everything() == before


class TestTemplate:
    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_imports_as_it_is(self, brand, language):
        template = brand.get("/v1/imports/template.csv", language=language)

        assert template.content_type == "text/csv; charset=utf-8"
        assert brand.send_csv(template.data).json["good"] == 1
