"""What a view is handed of an empty query: its schema's own values, fresh each time."""

from __future__ import annotations

import pytest
from flask import Flask
from marshmallow import fields

from chassis.web import Blueprint
from chassis.web.schemas import Request

EMPTY = {"limit": 10, "order": "closing"}


class AQuery(Request):
    limit = fields.Integer(load_default=10)
    order = fields.String(load_default="closing")


@pytest.fixture
def read():
    """Asks with a query; the view's arguments, which it spoils afterwards."""
    app, seen = Flask("shop"), []
    blueprint = Blueprint("shop", "shop")

    @blueprint.arguments(AQuery, location="query")
    def look(query):
        seen.append(dict(query))
        query.clear()
        return ""

    app.add_url_rule("/", view_func=look)

    def ask(query=""):
        answer = app.test_client().get(f"/?{query}")
        return seen.pop() if answer.status_code == 200 else answer.status_code

    return ask


def test_an_empty_query_is_what_the_schema_says_each_time(read):
    assert [read(), read(), read()] == [EMPTY] * 3


def test_a_query_is_read_between_empty_ones(read):
    assert [read(), read("limit=3"), read()] == [EMPTY, EMPTY | {"limit": 3}, EMPTY]
