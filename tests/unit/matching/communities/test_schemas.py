"""What may be said of a community."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from services.matching.communities.domain import Portrait
from services.matching.communities.schemas import PortraitSchema

BODY = {"name": "Tea friends", "city": "Suzhou", "size": 60, "tags": {"Green  Tea": 80}}


class TestPortraitSchema:
    def test_reads_a_portrait_with_tidy_tags(self):
        loaded = PortraitSchema().load(BODY)

        assert loaded == {
            "portrait": Portrait(
                name="Tea friends", city="Suzhou", size=60, tags={"green tea": 80}
            )
        }

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("name", "   "),
            ("name", "x" * 121),
            ("city", " "),
            ("size", 0),
            ("size", 1_000_001),
            ("size", "60"),
            ("size", 60.5),
            ("size", True),
            ("tags", {}),
            ("tags", {"tea": 0}),
            ("tags", {"tea": 101}),
            ("tags", {"tea": "80"}),
            ("tags", {" ": 1}),
            ("tags", {"Tea": 1, "tea": 2}),
            ("tags", {"x" * 61: 1}),
            ("tags", {str(number): 1 for number in range(101)}),
            ("tags", ["tea"]),
            ("members", 3),
        ],
    )
    def test_refuses_anything_else_by_its_field(self, field, value):
        with pytest.raises(ValidationError) as refusal:
            PortraitSchema().load(BODY | {field: value})

        assert list(refusal.value.messages) == [field]

    @pytest.mark.parametrize("field", list(BODY))
    def test_asks_for_every_field(self, field):
        with pytest.raises(ValidationError) as refusal:
            PortraitSchema().load({name: value for name, value in BODY.items() if name != field})

        assert list(refusal.value.messages) == [field]
