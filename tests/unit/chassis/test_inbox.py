"""Who waits for the answer to a command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.inbox import command_of, saga_of
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
