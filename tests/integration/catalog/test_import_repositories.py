"""The promises of ``Imports``, and of lots by number, kept by the fakes and by MongoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.errors import Conflict
from chassis.mongo import AggregateRow, atomically, collection
from services.catalog.imports import repositories
from services.catalog.imports.domain import (
    Findings,
    ImportNotFound,
    ImportState,
    LotImport,
    New,
    goods_of,
)
from services.catalog.imports.engine.check import BadLine, GoodLine, fault
from services.catalog.imports.engine.table import FileFormat, FileKind
from services.catalog.imports.repositories import PART_BYTES, MongoImports
from services.catalog.lots.documents import StockLotDocument
from services.catalog.lots.domain import Condition, Place, StockLot
from services.catalog.lots.engine.restrictions import Channel
from services.catalog.lots.repositories import MongoLots
from tests.unit.catalog.fakes import (
    BRAND,
    NOW,
    OTHER_BRAND,
    FakeLots,
    an_id,
    some_goods,
)
from tests.unit.catalog.imports.fakes import FakeImports

BOTH = pytest.mark.parametrize("kind", ["fake", "mongo"])
VALUES = {
    "lot_number": "A-1",
    "sku": "S",
    "title": "Tea",
    "category": "tea",
    "tags": ("green", "春"),
    "condition": Condition.FAIR,
    "unit_price": 9_999_999_999,
    "units_per_pack": 2,
    "packs": 3,
    "closes_at": NOW,
    "place": Place(-0.13, 51.51),
    "regions": ("上海",),
    "channels": (Channel.ONLINE, Channel.GATHERING),
    "resale_allowed": True,
    "lowest_resale_price": 9_999_999_998,
}
BAD = BadLine(7, (fault("packs", "not-a-count"),))


def an_import(**changes) -> LotImport:
    kind = FileKind(FileFormat.CSV, "gb18030", 9)
    given = {"id": an_id("imp"), "brand_id": BRAND, "kind": kind}
    return LotImport(**given | changes, created_at=NOW, begun_at=NOW, moved_at=NOW)


def added(imports, batch=None, body=b"x"):
    """A new import and its file, as a request stores them."""
    batch = batch or an_import()
    imports.keep(batch.id, body, at=NOW)
    return imports.add(batch)


def some_findings(*lines: int, bad=()) -> Findings:
    good = [GoodLine(line, VALUES) for line in lines]
    return Findings(new=tuple(New(line, goods_of(line)) for line in good), bad=tuple(bad))


@BOTH
class TestImports:
    def imports(self, kind):
        return FakeImports() if kind == "fake" else MongoImports()

    def test_give_back_what_was_taken_in(self, kind, database):
        imports, batch = self.imports(kind), an_import()
        body = bytes(range(256)) * (PART_BYTES // 256) + b"and more"

        taken = added(imports, batch, body)

        assert imports.get(batch.id) == taken
        assert imports.file(batch.id).read() == body
        assert imports.next_unchecked() == taken
        assert imports.next_confirmed() is None

    def test_sweep_files_that_have_no_import(self, kind, database):
        imports, taken, loose = self.imports(kind), an_import(), an_import()
        added(imports, taken)
        imports.keep(loose.id, b"x" * (PART_BYTES + 1), at=NOW)

        early = imports.sweep(NOW - timedelta(seconds=1))
        late = [imports.sweep(NOW) for _ in range(2)]

        assert (early, late) == (0, [1, 0])
        assert imports.file(taken.id).read() == b"x"
        with pytest.raises(Conflict):
            imports.add(loose)
        assert imports.next_unchecked().id == taken.id

    def test_know_no_import_that_was_not_taken_in(self, kind, database):
        with pytest.raises(ImportNotFound):
            self.imports(kind).get(an_id("imp"))

    def test_give_back_lines_chunk_by_chunk(self, kind, database):
        imports = self.imports(kind)
        batch = added(imports)

        for lines in ((2, 3), (4,)):
            found = some_findings(*lines)
            batch = imports.note(batch.note(found, at=NOW), found)

        assert [line.line for line in imports.chunk(batch.id, 0)] == [2, 3]
        assert list(imports.chunk(batch.id, 1)) == [GoodLine(4, VALUES)]
        assert imports.get(batch.id) == batch

    def test_forget_an_earlier_check_when_it_begins_again(self, kind, database):
        imports = self.imports(kind)
        batch = added(imports)
        found = some_findings(2, bad=[BAD])
        batch = imports.note(batch.note(found, at=NOW), found)

        again = imports.begin(batch.begin_check(at=NOW))
        again = imports.note(again.note(found, at=NOW), found)

        assert (again.lines, again.chunks) == (2, 1)

    def test_take_the_oldest_of_each_state(self, kind, database):
        imports = self.imports(kind)
        older, newer = (added(imports) for _ in range(2))
        found = some_findings(2)
        done = imports.note(older.note(found, at=NOW), found)
        done = imports.save(done.end_check(at=NOW))

        assert imports.next_unchecked() == newer
        assert imports.next_confirmed() is None
        confirmed = imports.save(done.confirm(at=NOW))
        assert imports.next_confirmed() == confirmed

    def test_let_others_go_before_a_file_whose_check_began(self, kind, database):
        imports = self.imports(kind)
        failing, waiting = (added(imports) for _ in range(2))

        imports.begin(failing.begin_check(at=NOW + timedelta(seconds=1)))

        assert imports.next_unchecked() == waiting

    def test_refuse_what_another_worker_has_overtaken(self, kind, database):
        imports = self.imports(kind)
        batch = added(imports)
        imports.begin(batch.begin_check(at=NOW))

        with pytest.raises(Conflict):
            imports.save(batch.end_check(at=NOW))

        assert imports.get(batch.id).state is ImportState.CHECKING


class TestMongoImports:
    def test_keeps_no_more_bad_lines_than_are_told(self, database, monkeypatch):
        monkeypatch.setattr(repositories, "MOST_KEPT", 3)
        imports = MongoImports()
        batch = added(imports)

        for first in (2, 4, 6):
            found = Findings(bad=tuple(BAD._replace(line=first + more) for more in (0, 1)))
            batch = imports.note(batch.note(found, at=NOW), found)

        kept = collection("import_errors").find().sort("line", 1)
        assert [row["line"] for row in kept] == [2, 3, 4]
        assert imports.get(batch.id).bad == 6

    def test_forgets_the_file_once_it_is_checked(self, database):
        imports = MongoImports()
        batch = added(imports)

        imports.save(batch.refuse(at=NOW), [BAD])

        assert collection("import_parts").count_documents({}) == 0


@BOTH
class TestLotsByNumber:
    def lots(self, kind):
        return FakeLots() if kind == "fake" else MongoLots()

    def publish(self, lots, number="", brand_id=BRAND):
        goods = replace(some_goods(), number=number)
        return lots.save(StockLot.publish(an_id("lot"), brand_id, goods=goods, at=NOW))

    def test_are_found_by_the_brands_number_and_by_ours(self, kind, database):
        lots = self.lots(kind)
        mine, unnumbered = self.publish(lots, "A"), self.publish(lots)
        theirs = self.publish(lots, "A", OTHER_BRAND)

        found = lots.numbered(BRAND, ["A", "B", unnumbered.id, theirs.id])

        assert found == {"A": mine, unnumbered.id: unnumbered}

    def test_are_listed_oldest_first_for_their_brand(self, kind, database):
        lots = self.lots(kind)
        mine = [self.publish(lots, "A"), self.publish(lots)]
        self.publish(lots, "A", OTHER_BRAND)

        assert list(lots.of_brand(BRAND)) == mine

    def test_are_one_for_each_number(self, kind, database):
        lots = self.lots(kind)
        self.publish(lots, "A")

        with pytest.raises(Conflict):
            atomically(lambda: self.publish(lots, "A"))

        assert len(list(lots.of_brand(BRAND))) == 1


class TestRows:
    def test_lie_as_their_documents_describe(self, database):
        lots = MongoLots()
        lot = lots.save(StockLot.publish(an_id("lot"), BRAND, goods=some_goods(), at=NOW))

        document = StockLotDocument.objects.get(pk=lot.id)

        document.validate()
        assert document.row() == collection("stock_lots").find_one({"_id": lot.id})

    def test_hold_no_field_that_their_document_does_not_know(self):
        with pytest.raises(TypeError, match="StockLotDocument has no colour"):
            AggregateRow(StockLotDocument, id="x", colour="red")
