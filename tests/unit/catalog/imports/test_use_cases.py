"""Imports: checked, confirmed, published bit by bit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.errors import Conflict
from chassis.kernel.money import Money
from services.catalog.imports.domain import (
    CONFIRM_WITHIN,
    ROWS_PER_CHUNK,
    Findings,
    ImportConfirmed,
    ImportNotChecked,
    ImportNotFound,
    ImportStale,
    ImportState,
    LotImport,
    New,
    NothingToPublish,
)
from services.catalog.imports.engine.check import CsvColumnsWrong, GoodLine
from services.catalog.imports.engine.table import FileFormat, FileKind
from services.catalog.imports.use_cases import (
    LOOSE_FOR,
    KeepFile,
    KeptFile,
    TakeFile,
    check_next_file,
    keep_file,
    sweep_files,
    take_file,
)
from services.catalog.lots.domain import Place
from services.catalog.lots.engine.restrictions import Channel, Restrictions
from tests.unit.catalog.fakes import (
    BRAND,
    NOW,
    OTHER_BRAND,
    an_id,
    some_goods,
)
from tests.unit.catalog.imports.fakes import check, confirm, publish, take
from tests.unit.catalog.imports.test_check import HEADER, a_file


class TestTakeFile:
    def test_keeps_the_file_for_the_worker_and_reads_no_line(self, imports, lots):
        batch = take(imports, a_file({"packs": "x"}))

        assert (batch.state, batch.lines) == (ImportState.CHECKING, 0)
        assert (batch.kind.format, batch.kind.encoding) == (FileFormat.CSV, "utf-8")

    def test_refuses_a_header_at_once(self, imports):
        with pytest.raises(CsvColumnsWrong):
            take(imports, "sku,colour\r\na,b\r\n")

        assert (imports.by_id, imports.files) == ({}, {})

    def test_refuses_a_file_that_was_swept_meanwhile(self, imports):
        kept = KeptFile(an_id("imp"), FileKind(FileFormat.CSV, "utf-8", 1))

        with pytest.raises(Conflict):
            take_file(TakeFile(brand_id=BRAND, file=kept), imports=imports, now=NOW)

        assert imports.by_id == {}


class TestSweepFiles:
    def test_forgets_files_that_no_import_was_made_of_in_time(self, imports):
        taken = take(imports, a_file({}))
        sent = KeepFile(body=a_file({}).encode(), mimetype="text/csv")
        kept = keep_file(sent, imports=imports, ids=an_id, now=NOW)

        early = sweep_files(imports=imports, now=NOW + LOOSE_FOR / 2)
        late = [sweep_files(imports=imports, now=NOW + LOOSE_FOR) for _ in range(2)]

        assert (early, late) == (0, [1, 0])
        assert imports.file(taken.id).read()
        assert kept.import_id not in imports.files


class TestCheckNextFile:
    def test_counts_good_and_bad_and_publishes_nothing(self, imports, lots):
        text = a_file({}, {"sku": "B", "packs": "x"}, {"sku": "C"})

        batch = check(imports, text)

        assert (batch.lines, batch.good, batch.bad) == (3, 2, 1)
        assert (batch.state, batch.share_done) == (ImportState.CHECKED, 1.0)
        assert publish(imports, lots) == 0
        assert lots.by_id == {}

    def test_answers_0_when_no_file_waits(self, imports, lots):
        left = check_next_file(imports=imports, lots=lots, clock=lambda: NOW, most_lines=9)

        assert left == 0

    @pytest.mark.parametrize(
        ("cells", "code"),
        [
            ({"closes_at": "2026-02-01"}, "closes-in-the-past"),
            ({"best_before": "2026-02-01"}, "past-best-before"),
            ({"packs": "0"}, "not-a-count"),
            ({"packs": "1000001"}, "not-a-count"),
            ({"lot_number": an_id("lot")}, "no-such-lot"),
            ({"city": "上海", "regions": "北京"}, "city-outside-regions"),
            ({"resale_allowed": "no", "lowest_resale_price": "1.00"}, "gift-has-no-price"),
        ],
    )
    def test_applies_the_rules_of_a_single_lot(self, imports, cells, code):
        batch = check(imports, a_file(cells))

        (bad,) = imports.bad[batch.id]
        assert [one.code for one in bad.faults] == [code]
        assert bad.faults[0].chinese

    @pytest.mark.parametrize(
        ("body", "line", "code"),
        [
            (a_file({}) + 'HC-2,"never closed\r\n', 3, "csv-broken"),
            (a_file({}, {"sku": "B"}, {"sku": "C"}), 4, "csv-too-long"),
            (",".join(HEADER), 1, "csv-empty"),
        ],
    )
    def test_refuses_a_file_that_cannot_be_read_to_its_end(self, imports, body, line, code):
        batch = check(imports, body, most_lines=2)

        assert batch.state is ImportState.REFUSED
        bad = imports.bad[batch.id][-1]
        assert (bad.line, bad.faults[0].code) == (line, code)
        with pytest.raises(NothingToPublish):
            confirm(imports, batch)

    def test_starts_again_where_a_worker_died(self, imports, lots):
        rows = ({"sku": f"S{n}", "packs": "x" if n == 0 else "4"} for n in range(600))
        batch = take(imports, a_file(*rows))
        noted = imports.note

        def die_at_the_second(decision, found):
            if decision.state.lines > ROWS_PER_CHUNK:
                raise ZeroDivisionError
            return noted(decision, found)

        imports.note = die_at_the_second
        with pytest.raises(ZeroDivisionError):
            check_next_file(imports=imports, lots=lots, clock=lambda: NOW, most_lines=1000)
        imports.note = noted
        check_next_file(imports=imports, lots=lots, clock=lambda: NOW, most_lines=1000)

        done = imports.get(batch.id)
        assert (done.state, done.good, done.bad, done.chunks) == (ImportState.CHECKED, 599, 1, 2)
        assert len(imports.bad[batch.id]) == 1

    def test_tells_how_far_it_is_and_how_long_it_takes(self, imports):
        kind = FileKind(FileFormat.CSV, "utf-8", 400)
        batch = LotImport(an_id("imp"), BRAND, kind, NOW, begun_at=NOW, moved_at=NOW)
        some = Findings(new=(New(GoodLine(2, {}), some_goods()),) * 100)

        later = batch.note(some, at=NOW + timedelta(seconds=5)).state

        assert (batch.share_done, batch.seconds_left) == (0.0, None)
        assert (later.share_done, later.seconds_left) == (0.25, 15)


class TestConfirmImport:
    def test_lets_the_worker_publish(self, imports):
        batch = check(imports, a_file({}))

        assert confirm(imports, batch).state is ImportState.CONFIRMED

    def test_happens_once(self, imports):
        batch = check(imports, a_file({}))
        confirm(imports, batch)

        with pytest.raises(ImportConfirmed):
            confirm(imports, batch)

    def test_waits_for_the_check(self, imports):
        batch = take(imports, a_file({}))

        with pytest.raises(ImportNotChecked):
            confirm(imports, batch)

        assert imports.get(batch.id) == batch

    def test_refuses_an_import_without_a_good_line(self, imports):
        batch = check(imports, a_file({"packs": "x"}))

        with pytest.raises(NothingToPublish):
            confirm(imports, batch)

        assert imports.get(batch.id).state is ImportState.CHECKED

    def test_refuses_what_was_checked_long_ago(self, imports):
        batch = check(imports, a_file({}))

        with pytest.raises(ImportStale):
            confirm(imports, batch, now=NOW + CONFIRM_WITHIN)

    def test_knows_no_import_of_another_brand(self, imports):
        batch = check(imports, a_file({}))

        with pytest.raises(ImportNotFound):
            confirm(imports, batch, brand_id=OTHER_BRAND)

        assert imports.get(batch.id) == batch


class TestPublishNextChunk:
    def test_makes_lots_of_the_good_lines(self, imports, lots):
        batch = check(imports, a_file({}, {"sku": "B", "packs": "x"}))
        confirm(imports, batch)

        assert publish(imports, lots) == 1

        (lot,) = lots.by_id.values()
        assert lot.brand_id == BRAND
        assert lot.packs.free == 40
        assert lot.manifest.unit_price == Money(1250, "CNY")
        assert lot.terms.max_packs_per_host == 5
        done = imports.get(batch.id)
        assert (done.state, done.published, done.lapsed) == (ImportState.PUBLISHED, 1, 0)
        assert publish(imports, lots) == 0

    def test_keeps_where_goods_lie_and_may_go_on_to(self, imports, lots):
        limits = {"regions": "上海;苏州", "channels": "gathering", "lowest_resale_price": "9.90"}
        batch = check(imports, a_file({"place": "121.47,31.23", **limits}))
        confirm(imports, batch)

        publish(imports, lots)

        (lot,) = lots.by_id.values()
        assert lot.description.place == Place(121.47, 31.23)
        assert lot.terms.restrictions == Restrictions(
            regions=("上海", "苏州"),
            channels=(Channel.GATHERING,),
            lowest_resale_price=Money(990, "CNY"),
        )

    def test_goes_on_where_it_stopped(self, imports, lots):
        rows = ({"sku": f"S{n}"} for n in range(ROWS_PER_CHUNK + 3))
        batch = check(imports, a_file(*rows))
        confirm(imports, batch)

        publish(imports, lots)
        halfway = imports.get(batch.id)
        publish(imports, lots)
        done = imports.get(batch.id)

        assert (halfway.state, halfway.published) == (ImportState.CONFIRMED, ROWS_PER_CHUNK)
        assert (done.state, done.published) == (ImportState.PUBLISHED, ROWS_PER_CHUNK + 3)
        assert len(lots.by_id) == ROWS_PER_CHUNK + 3

    def test_leaves_out_lines_whose_time_is_over_by_now(self, imports, lots):
        batch = check(imports, a_file({}, {"sku": "B", "closes_at": "2026-03-02"}))
        confirm(imports, batch)

        publish(imports, lots, now=NOW + timedelta(days=2))

        done = imports.get(batch.id)
        assert (done.published, done.lapsed) == (1, 1)
        (bad,) = imports.bad[batch.id]
        assert (bad.line, bad.faults[0].code) == (3, "closes-in-the-past")

    def test_takes_the_oldest_import_first(self, imports, lots):
        older, newer = check(imports, a_file({})), check(imports, a_file({}))
        confirm(imports, newer)
        confirm(imports, older)

        publish(imports, lots)

        assert imports.get(older.id).state is ImportState.PUBLISHED
        assert imports.get(newer.id).state is ImportState.CONFIRMED
