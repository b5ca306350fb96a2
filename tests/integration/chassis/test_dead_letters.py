"""An operator decides about a dead letter: replay it, or let it go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from marshmallow import ValidationError

from chassis import deadletters
from chassis.consumer.letters import Unfit
from chassis.envelope import parse
from tests.backbone import (
    PUBLISHED,
    a_reply,
    lot,
)
from tests.integration.chassis.shelf import event_id, letters

EXAMPLES = Path(__file__).parents[3] / "contracts" / "examples"


def an_example() -> dict:
    """Data of a lot that was published, as its contract has them."""
    (path, *_) = sorted((EXAMPLES / PUBLISHED).glob("*.json"))
    return dict(parse(path.read_text(encoding="utf-8")).data)


class TestDecision:
    def test_to_replay_applies_it_once_and_lets_its_subject_go_on(self, shelf):
        shelf.trouble[event_id(lot(1), 1)] = ValidationError("broken")
        shelf.take(*letters(lot(1), 1, 2, 3))
        (dead,) = deadletters.dead_letters()
        shelf.trouble.clear()

        news = [deadletters.replay(dead["_id"], by="usr_1") for _ in range(2)]
        shelf.mend_until(lambda: shelf.on(lot(1)))
        again = deadletters.replay(dead["_id"], by="usr_1")
        shelf.mender.step()

        assert news == [True, False]
        assert again is False
        assert shelf.on(lot(1)) == [1, 2, 3]
        assert deadletters.dead_letter(dead["_id"])["state"] == "replayed"

    def test_to_replay_what_still_fails_sets_it_aside_again(self, shelf):
        shelf.trouble[event_id(lot(1), 1)] = ValidationError("broken")
        shelf.take(*letters(lot(1), 1, 2))
        (dead,) = deadletters.dead_letters()

        deadletters.replay(dead["_id"], by="usr_1")
        shelf.mend_until(deadletters.dead_letters)

        assert deadletters.dead_letter(dead["_id"])["state"] == "open"
        assert shelf.on(lot(1)) == []

    def test_to_discard_skips_it_for_good(self, shelf):
        shelf.trouble[event_id(lot(1), 1)] = ValidationError("broken")
        shelf.take(*letters(lot(1), 1, 2))
        (dead,) = deadletters.dead_letters()

        deadletters.discard(dead["_id"], by="usr_1", why="a test")
        shelf.mend_until(lambda: shelf.on(lot(1)))
        shelf.take(*letters(lot(1), 1))

        assert shelf.on(lot(1)) == [2]
        decided = deadletters.dead_letter(dead["_id"])
        assert (decided["state"], decided["by"], decided["why"]) == (
            "discarded",
            "usr_1",
            "a test",
        )

    def test_to_replay_a_message_applies_it_once(self, shelf):
        shelf.trouble["msg_1"] = ValidationError("broken")
        shelf.take(a_reply("msg_1"))
        (dead,) = deadletters.dead_letters()
        shelf.trouble.clear()

        deadletters.replay(dead["_id"], by="usr_1")
        shelf.mend_until(lambda: shelf.on("sag_1"))
        shelf.take(a_reply("msg_1"))

        assert shelf.on("sag_1") == [None]

    def test_to_replay_bytes_that_are_no_event_is_refused(self, shelf):
        shelf.take(Unfit(raw="{", place="", reason="json", detail=""))
        (dead,) = deadletters.dead_letters()

        with pytest.raises(deadletters.DeadLetterUnreadable):
            deadletters.replay(dead["_id"], by="usr_1")

        assert deadletters.dead_letter(dead["_id"])["state"] == "open"

    def test_to_correct_it_applies_what_it_should_have_said_once(self, shelf):
        shelf.trouble[event_id(lot(1), 1)] = ValidationError("broken")
        shelf.take(*letters(lot(1), 1, 2))
        (dead,) = deadletters.dead_letters()
        right = an_example()
        shelf.trouble.clear()

        before = deadletters.edit(dead["_id"], right, by="usr_1", why="wrong price")
        shelf.mend_until(lambda: shelf.on(lot(1)))
        shelf.take(*letters(lot(1), 1))

        assert shelf.on(lot(1)) == [1, 2]
        decided = deadletters.dead_letter(dead["_id"])
        (edit,) = decided["edits"]
        assert (edit["by"], edit["why"], edit["before"]) == ("usr_1", "wrong price", before)
        assert json.loads(edit["after"]) == right == json.loads(decided["event"])["data"]
        assert parse(decided["event"]).id == event_id(lot(1), 1)
        with pytest.raises(deadletters.DeadLetterDecided):
            deadletters.edit(dead["_id"], right, by="usr_1", why="again")

    def test_to_correct_it_is_refused_where_the_schema_does_not_fit(self, shelf):
        shelf.trouble[event_id(lot(1), 1)] = ValidationError("broken")
        shelf.take(*letters(lot(1), 1))
        (dead,) = deadletters.dead_letters()
        wrong = an_example() | {"packs_free": "nine"}
        del wrong["brand_id"]

        with pytest.raises(deadletters.CorrectionUnfit) as refused:
            deadletters.edit(dead["_id"], wrong, by="usr_1", why="a guess")

        assert [fault.partition(":")[0] for fault in refused.value.members["faults"]] == [
            "$",
            "$.packs_free",
        ]
        assert deadletters.dead_letter(dead["_id"]) == dead

    def test_to_correct_what_fails_again_keeps_both_and_waits_anew(self, shelf):
        shelf.trouble[event_id(lot(1), 1)] = ValidationError("broken")
        shelf.take(*letters(lot(1), 1))
        (dead,) = deadletters.dead_letters()

        deadletters.edit(dead["_id"], an_example(), by="usr_1", why="a guess")
        shelf.mend_until(deadletters.dead_letters)

        again = deadletters.dead_letter(dead["_id"])
        assert (again["state"], len(again["edits"])) == ("open", 1)

    def test_to_correct_bytes_that_are_no_event_is_refused(self, shelf):
        shelf.take(Unfit(raw="{", place="", reason="json", detail=""))
        (dead,) = deadletters.dead_letters()

        with pytest.raises(deadletters.DeadLetterUnreadable):
            deadletters.edit(dead["_id"], {}, by="usr_1", why="a guess")

    def test_about_nothing_is_refused(self, shelf):
        with pytest.raises(deadletters.DeadLetterUnknown):
            deadletters.discard("nothing", by="usr_1", why="")
