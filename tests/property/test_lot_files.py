"""Laws of files of lots: what is written is read as it was, and no cell is a formula."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.kernel.formulas import is_formula, marked, unmarked
from chassis.kernel.money import Money
from services.catalog.imports.domain import judge, values_of
from services.catalog.imports.engine.check import lines_of
from services.catalog.imports.engine.table import FileFormat, FileKind, kind_of, records
from services.catalog.imports.engine.writers import written
from services.catalog.lots.domain import (
    Condition,
    Description,
    Goods,
    Manifest,
    Place,
    StockLot,
    Terms,
    tidy_tags,
)
from services.catalog.lots.engine.restrictions import UNRESTRICTED, Channel, Restrictions
from tests.unit.catalog.fakes import BRAND, NOW, a_line, an_id
from tests.unit.catalog.imports.fakes import MIMETYPE_OF

# Text as the schema of a lot lets it in; among it what a spreadsheet would run.
letters = st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufeff")
starts = st.sampled_from(["", "=", "+", "-", "@", "'", "'=", "''-", "#", '"', ",", ";", "0"])


def texts(longest: int) -> st.SearchStrategy[str]:
    return st.builds(
        lambda start, rest: f"{start}{rest}".strip()[:longest].strip() or "x",
        starts,
        st.text(letters, max_size=longest),
    )


# Whole milliseconds from a day after now on, for some nine hundred years.
moments = st.integers(86_400_000, 28_000_000_000_000).map(
    lambda milliseconds: NOW + timedelta(milliseconds=milliseconds)
)
counts = st.integers(1, 1_000)


places = st.builds(Place, st.floats(-180, 180), st.floats(-90, 90))


@st.composite
def limits(draw: st.DrawFn) -> Restrictions:
    """Any restrictions that a lot may have."""
    is_sold = draw(st.booleans())
    price = st.integers(1, 10**12).map(lambda fen: Money(fen, "CNY"))
    return Restrictions(
        regions=tidy_tags(draw(st.lists(texts(60), max_size=9))),
        channels=tuple(draw(st.lists(st.sampled_from(Channel), unique=True))),
        resale_allowed=is_sold,
        lowest_resale_price=draw(st.none() | price) if is_sold else None,
    )


@st.composite
def lots(draw: st.DrawFn) -> StockLot:
    """Any lot that a brand may have, mixed ones and emptied ones among them."""
    per_pack = draw(st.integers(1, 50))
    lines = draw(
        st.lists(
            st.builds(
                lambda sku, packs, fen, condition: a_line(
                    sku=sku,
                    units=packs * per_pack,
                    unit_price=Money(fen, "CNY"),
                    condition=condition,
                ),
                texts(120),
                counts,
                st.integers(0, 10**15),
                st.sampled_from(Condition),
            ),
            min_size=1,
            max_size=3,
        )
    )
    tags = draw(st.lists(texts(30).map(str.lower), max_size=20, unique=True))
    restrictions = draw(st.just(UNRESTRICTED) | limits())
    city = draw(st.just("") | (st.just("") if restrictions.regions else texts(60)))
    description = Description(
        draw(texts(120)), draw(texts(90)).lower(), tuple(tags), city, draw(st.none() | places)
    )
    best_before = draw(st.none() | moments)
    terms = Terms(per_pack, draw(moments), draw(counts), draw(counts), best_before, restrictions)
    number = draw(st.just("") | texts(60))
    goods = Goods(description, Manifest(tuple(lines)), terms, number)
    lot = StockLot.publish(an_id("lot"), BRAND, goods=goods, at=NOW).state
    found = draw(st.integers(-lot.packs.free, 1_000))
    return replace(lot.correct(found, why="counted", at=NOW).state if found else lot, fresh=())


class TestWhatIsExported:
    @pytest.mark.parametrize("form", list(FileFormat))
    @given(lot=lots())
    def test_is_found_unchanged(self, form, lot):
        body = b"".join(written([values_of(lot)], form))

        kind = kind_of(body, MIMETYPE_OF[form])
        (line,) = lines_of(records(io.BytesIO(body), kind), most=1)

        assert judge(line, lot, why="", at=NOW) is None, line

    @given(lot=lots())
    def test_starts_no_cell_like_a_formula(self, lot):
        text = b"".join(written([values_of(lot)], FileFormat.CSV)).decode("utf-8-sig")

        header, cells = csv.reader(io.StringIO(text, newline=""))

        assert len(cells) == len(header)
        assert not any(is_formula(cell) for cell in cells)

    @given(many=st.lists(lots(), max_size=5), encoding=st.sampled_from(["utf-8", "gb18030"]))
    @settings(max_examples=20)
    def test_keeps_every_lot_in_both_encodings(self, many, encoding):
        rows = [values_of(replace(lot, number=f"N-{at}")) for at, lot in enumerate(many)]
        text = b"".join(written(rows, FileFormat.CSV)).decode("utf-8-sig")

        kind = FileKind(FileFormat.CSV, encoding, len(rows))
        body = io.BytesIO(text.encode(encoding))
        lines = list(lines_of(records(body, kind), most=9)) if rows else []

        assert [line.values["lot_number"] for line in lines] == [row["lot_number"] for row in rows]


class TestMarks:
    @given(text=texts(20))
    def test_are_taken_off_again(self, text):
        assert unmarked(marked(text)) == text

    @given(text=texts(20))
    def test_leave_no_formula(self, text):
        assert not is_formula(marked(text))


def test_a_day_lasts_until_its_midnight_in_every_form():
    lot = StockLot.publish(
        an_id("lot"),
        BRAND,
        goods=Goods(
            Description("x", "y"),
            Manifest((a_line(),)),
            Terms(10, datetime(2026, 12, 31, 16, tzinfo=NOW.tzinfo), 5),
        ),
        at=NOW,
    ).state
    early = replace(lot, terms=replace(lot.terms, closes_at=lot.terms.closes_at - timedelta(1)))

    (row,) = csv.DictReader(
        io.StringIO(b"".join(written([values_of(early)], FileFormat.CSV)).decode("utf-8-sig"))
    )

    assert row["closes_at"] == "2026-12-30"
