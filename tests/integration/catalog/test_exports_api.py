"""Lots as files over HTTP, and templates of such files."""

from __future__ import annotations

import csv
import io

import pytest

from services.catalog.imports.engine.table import FileFormat
from tests.integration.catalog.bodies import a_lot_body
from tests.unit.catalog.fakes import OTHER_BRAND
from tests.unit.catalog.imports.test_check import a_file

CLOSES = {"closes_at": "2099-12-31"}


class TestExport:
    @pytest.mark.parametrize("form", list(FileFormat))
    def test_comes_back_as_all_unchanged(self, brand, calling, checked, imported, form):
        imported(a_file(*({"sku": f"S{number}", **CLOSES} for number in range(3))))
        limits = {"regions": ["上海", "苏州"], "channels": ["online"], "resale_allowed": False}
        where = {"longitude": -0.13, "latitude": 51.51}
        bag = {"title": "-20° 保鲜袋", "lot_number": "=1+1", "restrictions": limits}
        brand.post("/v1/lots", a_lot_body(place=where, **bag))
        calling(OTHER_BRAND).post("/v1/lots", a_lot_body())

        answer = brand.get("/v1/lots/export", format=form.value)
        batch = checked(answer.data, content_type=answer.mimetype)

        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="lots.{form}"'
        assert (batch["lines"], batch["unchanged"]) == (4, 4)

    def test_starts_no_cell_like_a_formula(self, brand):
        brand.post("/v1/lots", a_lot_body(title="=HYPERLINK(1)", tags=["@a"], lot_number="+1"))

        text = brand.get("/v1/lots/export").data.decode("utf-8-sig")

        (row,) = list(csv.DictReader(io.StringIO(text, newline="")))
        assert (row["title"], row["tags"], row["lot_number"]) == ("'=HYPERLINK(1)", "'@a", "'+1")

    def test_of_no_lots_is_an_empty_table(self, brand):
        assert brand.get("/v1/lots/export", format="json").json == []
        assert brand.get("/v1/lots/export").data.decode("utf-8-sig").startswith("lot_number,sku")


class TestTemplate:
    @pytest.mark.parametrize("language", ["en", "zh"])
    @pytest.mark.parametrize(
        ("form", "content_type"),
        [
            ("csv", "text/csv; charset=utf-8"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ],
    )
    def test_imports_as_it_is(self, brand, checked, language, form, content_type):
        template = brand.get(f"/v1/imports/template.{form}", language=language)

        assert template.content_type == content_type
        assert checked(template.data, content_type=template.mimetype)["good"] == 1
