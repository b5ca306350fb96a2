"""JSON read as lines of cells: arrays, an object a line, and what is neither."""

from __future__ import annotations

import io
import json

import pytest

from services.catalog.imports.engine.check import BadLine, GoodLine, lines_of
from services.catalog.imports.engine.json_table import JsonBroken, records
from tests.unit.catalog.imports.test_check import ROW


def read(text: str) -> list[GoodLine | BadLine]:
    return list(lines_of(records(io.StringIO(text)), most=1000))


def lots(*changes) -> list[dict]:
    return [{**ROW, "sku": f"S{number}", **cells} for number, cells in enumerate(changes)]


class TestObjects:
    @pytest.mark.parametrize("indent", [None, 2])
    def test_are_read_from_an_array(self, indent):
        lines = read(json.dumps(lots({}, {}, {}), indent=indent))

        assert [line.values["sku"] for line in lines] == ["S0", "S1", "S2"]
        assert [line.line for line in lines] == [1, 2, 3]

    def test_are_read_one_a_line(self):
        lines = read("\ufeff" + "\n".join(json.dumps(lot) for lot in lots({}, {})) + "\n")

        assert [line.values["sku"] for line in lines] == ["S0", "S1"]

    def test_may_be_many_times_what_is_held_at_once(self):
        lines = read(json.dumps(lots(*[{"tags": "x" * 39} for _ in range(600)])))

        assert len(lines) == 600
        assert all(isinstance(line, GoodLine) for line in lines)

    def test_may_hold_numbers_lists_and_nulls(self):
        cells = {"packs": 40, "unit_price": 0.1, "tags": ["Hair", "春"], "best_before": None}

        (line,) = read(json.dumps(lots(cells)))

        assert (line.values["packs"], line.values["unit_price"]) == (40, 10)
        assert line.values["tags"] == ("hair", "春")

    @pytest.mark.parametrize("said", [True, "yes", "是"])
    def test_may_say_what_holds_as_json_does(self, said):
        (line,) = read(json.dumps(lots({"resale_allowed": said})))

        assert line.values["resale_allowed"] is True

    def test_leave_out_what_is_null(self):
        (line,) = read(json.dumps(lots({"best_before": None})))

        assert "best_before" not in line.values

    def test_may_have_chinese_names(self):
        text = json.dumps(lots({})).replace('"sku"', '"货号"')

        (line,) = read(text)

        assert line.values["sku"] == "S0"

    def test_know_no_formulas(self):
        (line,) = read(json.dumps(lots({"title": "=1+1", "city": "'@x"})))

        assert (line.values["title"], line.values["city"]) == ("=1+1", "'@x")

    @pytest.mark.parametrize(
        ("cells", "faults"),
        [
            ({"packs": True}, [("packs", "not-text")]),
            ({"title": True}, [("title", "not-text")]),
            ({"title": {"en": "x"}}, [("title", "not-text")]),
            ({"tags": [None]}, [("tags", "not-text")]),
            ({"packs": -5}, [("packs", "not-a-count")]),
            ({"unit_price": 1e400}, [("unit_price", "not-a-price")]),
            ({"sku": None}, [("sku", "missing")]),
        ],
    )
    def test_are_told_column_and_reason(self, cells, faults):
        (line,) = read(json.dumps(lots(cells)))

        assert [(one.column, one.code) for one in line.faults] == faults


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("7", 1),
            ("[1]", 1),
            ('{"colour": "red"}', 1),
            ('{"sku": "a", "sku": "b"}', 1),
            ('{"sku": "a", "货号": "b"}', 1),
            ('[{"sku": "a"} {"sku": "b"}]', 2),
            ('[{"sku": "a"}', 2),
            ('[{"sku": "a"}] x', 2),
            ('{"sku": "a"}]', 2),
            ('{"sku": "a"}\n{"sku": ', 2),
            ('{"sku": "' + "a" * 300_000, 1),
            ('{"sku": ' + "[" * 100_000, 1),
        ],
    )
    def test_name_the_object(self, text, line):
        with pytest.raises(JsonBroken) as refused:
            read(text)

        assert refused.value.members == {"line": line}
