"""Imports: checked, confirmed, published bit by bit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest

from chassis.kernel.decisions import Decision
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
    NothingToPublish,
)
from services.catalog.imports.engine.check import CsvColumnsWrong, GoodLine
from services.catalog.imports.engine.difference import Difference
from services.catalog.imports.engine.table import MIMETYPES, FileFormat, FileKind
from services.catalog.imports.use_cases import (
    ConfirmImport,
    TakeFile,
    check_next_file,
    confirm_import,
    export_lots,
    publish_next_chunk,
    take_file,
)
from services.catalog.lots.domain import Condition, EntryKind, StockLot
from tests.unit.catalog.fakes import (
    BRAND,
    NOW,
    OTHER_BRAND,
    FakeLots,
    a_line,
    an_id,
    some_goods,
)
from tests.unit.catalog.imports.test_check import HEADER, a_file

MIMETYPE_OF = {form: name for name, form in reversed(MIMETYPES.items())}


class FakeImports:
    """``Imports`` in dicts."""

    def __init__(self) -> None:
        self.by_id = {}
        self.files = {}
        self.chunks = {}
        self.bad = {}
        self.changes = {}

    def get(self, import_id):
        if import_id not in self.by_id:
            raise ImportNotFound(f"no import {import_id}")
        return self.by_id[import_id]

    def next_unchecked(self):
        return self._oldest(ImportState.CHECKING)

    def next_confirmed(self):
        return self._oldest(ImportState.CONFIRMED)

    def file(self, import_id):
        return BytesIO(self.files[import_id])

    def chunk(self, import_id, number):
        return self.chunks[import_id][number]

    def add(self, batch, body):
        self.files[batch.id] = body
        return self.begin(Decision(batch))

    def begin(self, decision):
        batch = decision.state
        self.chunks[batch.id], self.bad[batch.id], self.changes[batch.id] = [], [], []
        return self.save(decision)

    def note(self, decision, found):
        batch = decision.state
        if found.wanted:
            self.chunks[batch.id].append(found.wanted)
        self.changes[batch.id] += found.changed
        return self.save(decision, found.bad)

    def save(self, decision, bad=()):
        batch = decision.state
        known = self.by_id.get(batch.id, batch)
        if known.revision.version != batch.revision.version:
            raise Conflict(f"{batch.id} moved on")
        self.bad[batch.id] += bad
        self.by_id[batch.id] = replace(batch, revision=batch.revision.after(0))
        return self.by_id[batch.id]

    def _oldest(self, state):
        found = [one for one in self.by_id.values() if one.state is state]
        return min(found, key=lambda batch: batch.id, default=None)


@pytest.fixture
def imports():
    return FakeImports()


@pytest.fixture
def lots():
    return FakeLots()


def take(imports, body, mimetype="text/csv", now=NOW):
    body = body.encode() if isinstance(body, str) else body
    command = TakeFile(brand_id=BRAND, body=body, mimetype=mimetype)
    return take_file(command, imports=imports, ids=an_id, now=now)


def check(imports, body, *, lots=None, now=NOW, most_lines=20_000, mimetype="text/csv"):
    """Take a file in and have it checked; answer the import as it is then."""
    batch = take(imports, body, mimetype, now)
    known = FakeLots() if lots is None else lots
    check_next_file(imports=imports, lots=known, clock=lambda: now, most_lines=most_lines)
    return imports.get(batch.id)


def confirm(imports, batch, brand_id=BRAND, now=NOW):
    command = ConfirmImport(import_id=batch.id, brand_id=brand_id)
    return confirm_import(command, imports=imports, now=now)


def publish(imports, lots, now=NOW):
    return publish_next_chunk(imports=imports, lots=lots, ids=an_id, now=now)


class TestTakeFile:
    def test_keeps_the_file_for_the_worker_and_reads_no_line(self, imports, lots):
        batch = take(imports, a_file({"packs": "x"}))

        assert (batch.state, batch.lines) == (ImportState.CHECKING, 0)
        assert (batch.kind.format, batch.kind.encoding) == (FileFormat.CSV, "utf-8")

    def test_refuses_a_header_at_once(self, imports):
        with pytest.raises(CsvColumnsWrong):
            take(imports, "sku,colour\r\na,b\r\n")

        assert imports.by_id == {}


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
        some = Findings(new=(GoodLine(2, {}),) * 100)

        later = batch.note(some, at=NOW + timedelta(seconds=5)).state

        assert (batch.share_done, batch.seconds_left) == (0.0, None)
        assert (later.share_done, later.seconds_left) == (0.25, 15)


class TestLotsThatExist:
    @pytest.fixture
    def known(self, imports, lots):
        """A lot that came by a file, under the brand's own number."""
        batch = check(imports, a_file({"lot_number": "A-1"}))
        confirm(imports, batch)
        publish(imports, lots)
        (lot,) = lots.by_id.values()
        return lot

    def test_are_left_alone_by_the_same_file(self, imports, lots, known):
        batch = check(imports, a_file({"lot_number": "A-1"}), lots=lots)

        assert (batch.new, batch.changed, batch.unchanged, batch.bad) == (0, 0, 1, 0)
        with pytest.raises(NothingToPublish):
            confirm(imports, batch)

    def test_are_also_known_by_the_number_given_here(self, imports, lots, known):
        batch = check(imports, a_file({"lot_number": known.id}), lots=lots)

        assert batch.unchanged == 1

    def test_are_not_asked_about_empty_cells(self, imports, lots, known):
        cells = {"lot_number": "A-1", "tags": "", "city": "", "max_packs_per_host": ""}

        batch = check(imports, a_file(cells), lots=lots)

        assert batch.unchanged == 1

    def test_are_shown_with_what_would_change(self, imports, lots, known):
        batch = check(imports, a_file({"lot_number": "A-1", "packs": "43"}), lots=lots)

        assert (batch.changed, batch.bad) == (1, 0)
        ((line, differences, _),) = imports.changes[batch.id]
        assert line.line == 2
        assert differences == (Difference("packs", "40", "43"),)
        assert lots.by_id[known.id] == known

    def test_have_their_packs_corrected(self, imports, lots, known):
        batch = check(imports, a_file({"lot_number": "A-1", "packs": "43"}), lots=lots)
        confirm(imports, batch)

        publish(imports, lots)

        lot = lots.by_id[known.id]
        assert (lot.packs.free, len(lots.by_id)) == (43, 1)
        assert (lots.entries[-1].kind, lots.entries[-1].free) == (EntryKind.COUNTED, 3)
        assert lots.entries[-1].why == f"import {batch.id}"
        done = imports.get(batch.id)
        assert (done.state, done.published, done.corrected) == (ImportState.PUBLISHED, 0, 1)

    def test_may_be_emptied(self, imports, lots, known):
        batch = check(imports, a_file({"lot_number": "A-1", "packs": "0"}), lots=lots)
        confirm(imports, batch)

        publish(imports, lots)

        assert lots.by_id[known.id].packs.free == 0

    def test_keep_what_hosts_chose_them_by(self, imports, lots, known):
        cells = {"lot_number": "A-1", "title": "Other", "unit_price": "9.00", "packs": "41"}

        batch = check(imports, a_file(cells), lots=lots)

        assert (batch.changed, batch.bad) == (0, 1)
        (bad,) = imports.bad[batch.id]
        assert [(one.column, one.code) for one in bad.faults] == [
            ("title", "cannot-change"),
            ("unit_price", "cannot-change"),
        ]
        assert "Hair clips" in bad.faults[0].reason
        assert "12.50" in bad.faults[1].chinese

    def test_are_not_counted_below_what_hosts_hold(self, imports, lots, known):
        held = known.move(EntryKind.RESERVED, 30, reference="clm", at=NOW)
        lots.save(Decision(held))

        batch = check(imports, a_file({"lot_number": "A-1", "packs": "29"}), lots=lots)

        (bad,) = imports.bad[batch.id]
        assert [(one.column, one.code) for one in bad.faults] == [("packs", "not-enough-packs")]

    def test_of_another_brand_do_not_count(self, imports, lots, known):
        lots.by_id[known.id] = replace(known, brand_id=OTHER_BRAND)

        batch = check(imports, a_file({"lot_number": "A-1"}), lots=lots)

        assert batch.new == 1

    def test_that_came_in_between_are_judged_again(self, imports, lots):
        first = check(imports, a_file({"lot_number": "A-1"}), lots=lots)
        second = check(imports, a_file({"lot_number": "A-1", "packs": "50"}), lots=lots)
        confirm(imports, first)
        confirm(imports, second)

        publish(imports, lots)
        publish(imports, lots)

        (lot,) = lots.by_id.values()
        assert lot.packs.free == 50
        assert imports.get(second.id).corrected == 1


class TestExportLots:
    @pytest.mark.parametrize("form", list(FileFormat))
    def test_is_found_unchanged_by_an_import(self, imports, lots, form):
        lots.save(StockLot.publish(an_id("lot"), BRAND, goods=some_goods(), at=NOW))
        two = some_goods(a_line(), a_line(sku="HC-205", condition=Condition.FAIR))
        lots.save(StockLot.publish(an_id("lot"), BRAND, goods=two, at=NOW))
        others = some_goods()
        lots.save(StockLot.publish(an_id("lot"), OTHER_BRAND, goods=others, at=NOW))

        body = b"".join(export_lots(BRAND, form, lots=lots))
        batch = check(imports, body, lots=lots, mimetype=MIMETYPE_OF[form])

        assert (batch.new, batch.changed, batch.unchanged, batch.bad) == (0, 0, 2, 0)


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

    def test_names_lots_after_their_lines_so_that_repeats_are_the_same(self, imports, lots):
        batch = check(imports, a_file({}))
        before = confirm(imports, batch)
        publish(imports, lots)
        imports.by_id[batch.id] = before
        other_lots = FakeLots()

        publish(imports, other_lots)

        assert other_lots.by_id.keys() == lots.by_id.keys()

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
