"""A refusal of a service is read as a sentence, in both languages."""

from __future__ import annotations

import json

import pytest
from requests import Response

from chassis.kernel.errors import RuleBroken
from teahouse.__main__ import _of_refusal
from teahouse.answers import told

PROBLEM = {
    "title": "Someone else changed it first",
    "code": "conflict",
    "hint": "Read it again.",
    "title_zh": "记录已被他人修改。",
}


class Refused(RuleBroken):
    """Nothing came of it."""

    code = "refused"
    hint = "The command's own."
    chinese = "命令自己的提示。"


def an_answer(status, body):
    answer = Response()
    answer.status_code = status
    answer._content = (body if isinstance(body, str) else json.dumps(body)).encode()
    return answer


def refusal(status, body):
    with pytest.raises(Refused) as refused:
        told(an_answer(status, body), 200, Refused)
    return _of_refusal(refused.value)


class TestAnAnswer:
    def test_of_the_wanted_status_is_its_json(self):
        assert told(an_answer(202, {"id": 7}), 202, Refused) == {"id": 7}

    def test_that_refuses_is_told_in_the_services_words(self):
        said = refusal(409, PROBLEM | {"detail": "version 3"})

        assert said.message == "Someone else changed it first (conflict): version 3"
        assert (said.code, said.fix) == ("refused", "Read it again.")
        assert said.chinese == "记录已被他人修改。"

    @pytest.mark.parametrize(
        ("errors", "says"),
        [
            ({"json": {"period": ["No.", "Too long."]}}, "period: No. Too long."),
            ({"json": {"a": {"0": ["No."]}, "b": ["No."]}}, "a.0: No.; b: No."),
            ({"json": ["Not an object."]}, "json: Not an object."),
        ],
    )
    def test_names_each_field_that_is_wrong(self, errors, says):
        said = refusal(400, PROBLEM | {"errors": errors})

        assert said.message == f"Someone else changed it first (conflict): {says}"

    @pytest.mark.parametrize("body", ["<html>Bad gateway", [], {"message": "no"}])
    def test_of_something_else_is_told_as_it_begins_with_the_commands_own_fix(self, body):
        said = refusal(502, body)

        assert said.message.startswith("502: ")
        assert (said.fix, said.chinese) == ("The command's own.", "命令自己的提示。")
