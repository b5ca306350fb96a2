"""Who waits for the answer to a command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.inbox import TwoStep, command_of, joined, saga_of
from tests.backbone import a_reply


class TestSagaOf:
    def test_is_what_correlates_command_and_reply(self):
        assert saga_of(a_reply("msg_1", saga="sag_7").event) == "sag_7"

    def test_refuses_a_command_that_nobody_waits_for(self):
        stray = replace(a_reply("msg_1").event, correlation_id=None)

        with pytest.raises(ValueError, match="msg_1 names no saga"):
            saga_of(stray)


class TestCommandOf:
    def test_is_what_was_read_and_what_makes_the_answer(self):
        event = a_reply("msg_1", saga="sag_7").event

        read = command_of(event, lambda data: {"said": data})

        assert read == {"said": event.data, "id": "msg_1", "correlation_id": "sag_7"}

    def test_refuses_a_command_that_nobody_waits_for(self):
        stray = replace(a_reply("msg_1").event, correlation_id=None)

        with pytest.raises(ValueError, match="msg_1 names no saga"):
            command_of(stray, dict)


class TestJoined:
    def test_lets_handlers_of_one_type_act_in_turn_and_keeps_the_others(self):
        heard = []
        first = {"one": lambda _: heard.append("first"), "two": lambda _: heard.append("two")}
        then = {"one": lambda _: heard.append("then")}

        found = joined(first, then)
        found["one"]([])
        found["two"]([])

        assert heard == ["first", "then", "two"]

    def test_refuses_a_type_of_which_one_works_in_two_steps(self):
        steps = TwoStep(lambda _: None, lambda *_: None)

        with pytest.raises(TypeError):
            joined({"one": steps}, {"one": lambda _: None})
