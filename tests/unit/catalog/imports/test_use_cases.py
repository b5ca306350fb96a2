"""Imports: checked, confirmed, published bit by bit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.catalog.imports.domain import (
    CONFIRM_WITHIN,
    ROWS_PER_CHUNK,
    ImportConfirmed,
    ImportNotFound,
    ImportStale,
    ImportState,
    NothingToPublish,
)
from services.catalog.imports.use_cases import (
    CheckFile,
    ConfirmImport,
    check_file,
    confirm_import,
    publish_next_chunk,
)
from tests.unit.catalog.fakes import BRAND, NOW, OTHER_BRAND, FakeLots, an_id
from tests.unit.catalog.imports.test_check import a_file


class FakeImports:
    """``Imports`` in dicts."""

    def __init__(self) -> None:
        self.by_id = {}
        self.good = {}
        self.bad = {}

    def get(self, import_id):
        if import_id not in self.by_id:
            raise ImportNotFound(f"no import {import_id}")
        return self.by_id[import_id]

    def next_confirmed(self):
        found = [one for one in self.by_id.values() if one.state is ImportState.CONFIRMED]
        return min(found, key=lambda batch: batch.id, default=None)

    def chunk(self, import_id, number):
        start = number * ROWS_PER_CHUNK
        return self.good[import_id][start : start + ROWS_PER_CHUNK]

    def add(self, batch, checked):
        self.good[batch.id], self.bad[batch.id] = checked.good, list(checked.bad)
        self.by_id[batch.id] = replace(batch, revision=batch.revision.after(0))
        return self.by_id[batch.id]

    def save(self, decision, lapsed=()):
        batch = decision.state
        self.bad[batch.id] += lapsed
        self.by_id[batch.id] = replace(batch, revision=batch.revision.after(0))
        return self.by_id[batch.id]


@pytest.fixture
def imports():
    return FakeImports()


@pytest.fixture
def lots():
    return FakeLots()


def check(imports, text, now=NOW, most_lines=20_000):
    command = CheckFile(brand_id=BRAND, body=text.encode())
    return check_file(command, imports=imports, ids=an_id, now=now, most_lines=most_lines)


def confirm(imports, batch, brand_id=BRAND, now=NOW):
    command = ConfirmImport(import_id=batch.id, brand_id=brand_id)
    return confirm_import(command, imports=imports, now=now)


def publish(imports, lots, now=NOW):
    return publish_next_chunk(imports=imports, lots=lots, ids=an_id, now=now)


class TestCheckFile:
    def test_counts_good_and_bad_and_publishes_nothing(self, imports, lots):
        text = a_file({}, {"sku": "B", "packs": "x"}, {"sku": "C"})

        batch = check(imports, text)

        assert (batch.lines, batch.good, batch.bad) == (3, 2, 1)
        assert (batch.state, batch.encoding) == (ImportState.CHECKED, "utf-8")
        assert publish(imports, lots) == 0
        assert lots.by_id == {}

    @pytest.mark.parametrize(
        ("cells", "code"),
        [
            ({"closes_at": "2026-02-01"}, "closes-in-the-past"),
            ({"best_before": "2026-02-01"}, "past-best-before"),
        ],
    )
    def test_applies_the_rules_of_a_single_lot(self, imports, cells, code):
        batch = check(imports, a_file(cells))

        (bad,) = imports.bad[batch.id]
        assert [one.code for one in bad.faults] == [code]
        assert bad.faults[0].chinese


class TestConfirmImport:
    def test_lets_the_worker_publish(self, imports):
        batch = check(imports, a_file({}))

        assert confirm(imports, batch).state is ImportState.CONFIRMED

    def test_happens_once(self, imports):
        batch = check(imports, a_file({}))
        confirm(imports, batch)

        with pytest.raises(ImportConfirmed):
            confirm(imports, batch)

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
