"""Files that name lots which exist: what an import leaves alone, changes, or refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.kernel.decisions import Decision
from services.catalog.imports.domain import (
    ImportState,
    NothingToPublish,
)
from services.catalog.imports.engine.difference import Difference
from services.catalog.imports.engine.table import FileFormat
from services.catalog.imports.use_cases import (
    export_lots,
)
from services.catalog.lots.domain import Condition, EntryKind, StockLot
from tests.unit.catalog.fakes import (
    BRAND,
    NOW,
    OTHER_BRAND,
    a_line,
    an_id,
    some_goods,
)
from tests.unit.catalog.imports.fakes import MIMETYPE_OF, check, confirm, publish
from tests.unit.catalog.imports.test_check import a_file


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
