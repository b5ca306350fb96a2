"""Events are applied once and in order, whatever arrives and whatever fails."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from marshmallow import ValidationError

from chassis import deadletters, inbox, mongo, outbox
from chassis.consumer.applier import Applier, Unavailable
from chassis.consumer.letters import Unfit
from chassis.consumer.limit import Halted
from chassis.inbox import TwoStep, each
from chassis.kernel.errors import NotFound
from chassis.mongo import collection
from tests.backbone import (
    LOTS,
    NOW,
    PUBLISHED,
    QUICK,
    LotClosed,
    a_letter,
    a_reply,
    as_letter,
    envelope,
    lot,
    reserved,
)
from tests.integration.chassis.shelf import GROUP, event_id, head, letters


class TestOnce:
    def test_applies_a_batch_in_one_transaction_and_moves_the_heads(self, shelf):
        shelf.take(*letters(lot(1), 1, 2), *letters(lot(2), 1))

        assert shelf.on(lot(1)) == [1, 2]
        assert shelf.on(lot(2)) == [1]
        assert (head(lot(1)), head(lot(2))) == (2, 1)
        assert len(shelf.calls) == 1

    def test_drops_what_it_has_seen(self, shelf):
        for _ in range(10):
            shelf.take(*letters(lot(1), 1, 2, 3), a_reply("msg_1"))

        assert shelf.on(lot(1)) == [1, 2, 3]
        assert shelf.on("sag_1") == [None]

    def test_applies_the_new_part_of_an_overlapping_batch(self, shelf):
        shelf.take(*letters(lot(1), 1, 2))

        shelf.take(*letters(lot(1), 2, 3))

        assert shelf.on(lot(1)) == [1, 2, 3]

    def test_handles_a_message_once_by_its_id(self, shelf):
        shelf.take(a_reply("msg_1"), a_reply("msg_1"), a_reply("msg_2"))

        assert shelf.on("sag_1") == [None, None]

    def test_takes_more_than_fit_one_transaction(self, shelf):
        shelf.take(*letters(lot(1), *range(1, 901)))

        assert shelf.on(lot(1)) == list(range(1, 901))
        assert [len(call) for call in shelf.calls] == [400, 400, 100]

    def test_tries_one_by_one_only_those_beside_one_that_fails(self, shelf):
        shelf.trouble[event_id(lot(3), 1)] = ValidationError("broken")
        subjects = [lot(number) for number in range(1, 121)]

        shelf.take(*(letter for subject in subjects for letter in letters(subject, 1)))

        assert [subject for subject in subjects if not shelf.on(subject)] == [lot(3)]
        sizes = [len(call) for call in shelf.calls]
        assert sizes == [120, 50, *[1] * 50, 50, 20]

    def test_writes_nothing_when_the_handler_fails(self, shelf):
        shelf.trouble[event_id(lot(1), 2)] = ValidationError("broken")

        shelf.take(*letters(lot(1), 1, 2))

        assert shelf.on(lot(1)) == [1]
        assert head(lot(1)) == 1

    def test_publishes_what_handlers_publish_with_their_effect(self, shelf):
        shelf.handlers[PUBLISHED] = each(
            lambda event: outbox.append(messages=[reserved(f"msg_{event.sequence}")])
        )

        shelf.take(*letters(lot(1), 1, 2))

        rows = list(collection("outbox").find().sort("place", 1))
        assert [row["_id"] for row in rows] == ["msg_1", "msg_2"]
        assert f'"causationid":"{event_id(lot(1), 2)}"' in rows[1]["event"]


class TestOrder:
    def test_keeps_a_later_event_until_the_earlier_came(self, shelf):
        shelf.take(*letters(lot(1), 1, 3))
        before = shelf.on(lot(1))

        shelf.take(*letters(lot(1), 2))

        assert before == [1]
        assert shelf.on(lot(1)) == [1, 2, 3]
        assert collection("inbox_pending").count_documents({}) == 0

    def test_keeps_the_order_of_a_subject_never_seen_before(self, shelf):
        shelf.take(*letters(lot(1), 2))
        shelf.take(*letters(lot(1), 3))
        shelf.take(*letters(lot(1), 1))

        assert shelf.on(lot(1)) == [1, 2, 3]

    def test_restores_the_order_of_a_shuffled_log(self, shelf):
        whole = [x for number in range(1, 9) for x in letters(lot(number), *range(1, 21))]
        chance = random.Random(3)
        for start in range(0, len(whole), 50):
            part = whole[start : start + 50]
            chance.shuffle(part)
            whole[start : start + 50] = part
        twice = whole + whole[::7]

        for start in range(0, len(twice), 30):
            shelf.take(*twice[start : start + 30])

        for number in range(1, 9):
            assert shelf.on(lot(number)) == list(range(1, 21))

    def test_keeps_sources_apart(self, shelf):
        shelf.take(*letters(lot(1), 1, 2), *letters(lot(1), 1, source="/catalog/2"))

        assert (head(lot(1)), head(lot(1), "/catalog/2")) == (2, 1)

    def test_goes_on_under_the_incarnation_of_a_restored_service(self, shelf):
        shelf.take(*letters(lot(1), 1, 2, 3, 4))

        shelf.take(*letters(lot(1), 3, 4, source="/catalog/2"))

        assert shelf.on(lot(1)) == [1, 2, 3, 4, 3, 4]
        assert head(lot(1), "/catalog/2") == 4

    def test_advances_past_types_it_does_not_handle(self, shelf):
        other = a_letter(lot(1), 1, event=LotClosed(occurred_at=NOW, lot_id=lot(1)))

        shelf.take(other, *letters(lot(1), 2))

        assert shelf.on(lot(1)) == [2]
        assert head(lot(1)) == 2

    def test_drains_more_than_a_transaction_of_waiting_events(self, shelf):
        shelf.take(*letters(lot(1), *range(2, 131)))

        shelf.take(*letters(lot(1), 1))

        assert shelf.on(lot(1)) == list(range(1, 131))
        assert collection("inbox_pending").count_documents({}) == 0


class TestFailure:
    def test_tries_later_and_lets_other_subjects_flow(self, shelf):
        shelf.trouble[event_id(lot(1), 1)] = NotFound("no such lot yet")

        shelf.take(*letters(lot(1), 1, 2), *letters(lot(2), 1))
        at_first = shelf.on(lot(1)), shelf.on(lot(2))
        shelf.trouble.clear()
        shelf.mend_until(lambda: shelf.on(lot(1)) == [1, 2])

        assert at_first == ([], [1])
        assert deadletters.dead_letters() == []

    def test_is_a_dead_letter_after_the_last_retry(self, shelf):
        shelf.trouble[event_id(lot(1), 1)] = NotFound("never")

        shelf.take(*letters(lot(1), 1))
        shelf.mend_until(deadletters.dead_letters)

        (dead,) = deadletters.dead_letters()
        assert (dead["reason"], dead["attempts"], dead["sequence"]) == ("NotFound", 3, 1)

    def test_without_hope_is_a_dead_letter_at_once_and_blocks_its_subject(self, shelf):
        shelf.trouble[event_id(lot(1), 2)] = ValidationError("broken")

        shelf.take(*letters(lot(1), 1, 2, 3), *letters(lot(2), 1, 2))

        (dead,) = deadletters.dead_letters(group=GROUP)
        assert (dead["subject"], dead["sequence"]) == (lot(1), 2)
        assert (dead["reason"], dead["state"]) == ("ValidationError", "open")
        assert shelf.on(lot(1)) == [1]
        assert shelf.on(lot(2)) == [1, 2]

    def test_of_a_message_stops_nobody(self, shelf):
        shelf.trouble["msg_1"] = ValidationError("broken")

        shelf.take(a_reply("msg_1"), a_reply("msg_2"))
        shelf.take(a_reply("msg_1"))

        assert len(deadletters.dead_letters()) == 1
        assert len(shelf.on("sag_1")) == 1

    def test_of_the_connection_is_nobodys_fault(self, shelf):
        shelf.trouble[event_id(lot(1), 1)] = ConnectionError("no route")

        with pytest.raises(Unavailable):
            shelf.take(*letters(lot(1), 1))

        assert collection("inbox_pending").count_documents({}) == 0
        assert deadletters.dead_letters() == []
        assert head(lot(1)) == 0

    def test_halts_before_it_sets_everything_aside(self, shelf):
        broken = [a_letter(lot(number), 1) for number in range(1, 60)]
        shelf.trouble = {x.event.id: KeyError("a bug") for x in broken}

        with pytest.raises(Halted):
            shelf.take(*broken)

        assert len(deadletters.dead_letters()) == 20
        assert head(lot(1)) == 0


class TestPoison:
    @pytest.mark.parametrize("reason", ["json", "too-large", "source"])
    def test_that_is_no_event_is_kept_once_with_its_reason(self, shelf, reason):
        unfit = Unfit(raw="{", place=f"{LOTS}/0/7", reason=reason, detail="as it was")

        shelf.take(unfit, *letters(lot(1), 1))
        shelf.take(unfit)

        (dead,) = deadletters.dead_letters()
        assert (dead["reason"], dead["place"]) == (reason, f"{LOTS}/0/7")
        assert shelf.on(lot(1)) == [1]

    def test_of_an_unknown_major_version_blocks_its_subject(self, shelf):
        text = envelope(lot(1), 1).replace("published.v1", "published.v9")

        shelf.take(as_letter(text), *letters(lot(1), 2))

        (dead,) = deadletters.dead_letters()
        assert dead["reason"] == "unknown-version"
        assert shelf.on(lot(1)) == []


class TestMending:
    def test_pulls_what_never_arrived_from_its_producer(self, shelf):
        shelf.producer[lot(1)] = [envelope(lot(1), number) for number in (1, 2, 3, 4)]

        shelf.take(*letters(lot(1), 1, 4))
        shelf.mend_until(lambda: shelf.on(lot(1)) == [1, 2, 3, 4])

        assert shelf.pulls == [("catalog", lot(1), 1)]

    def test_gives_a_gap_up_in_the_end_and_says_so(self, shelf):
        shelf.take(*letters(lot(1), 1, 4))
        shelf.mend_until(deadletters.dead_letters)

        (dead,) = deadletters.dead_letters()
        assert (dead["reason"], dead["sequence"]) == ("gap", 3)
        assert shelf.on(lot(1)) == [1]

    def test_passes_over_a_gap_that_was_discarded(self, shelf):
        shelf.take(*letters(lot(1), 1, 4))
        shelf.mend_until(deadletters.dead_letters)
        (dead,) = deadletters.dead_letters()

        deadletters.discard(dead["_id"], by="usr_1", why="never existed")
        shelf.mend_until(lambda: len(shelf.on(lot(1))) > 1)

        assert shelf.on(lot(1)) == [1, 4]

    def test_pulls_a_gap_again_that_was_replayed(self, shelf):
        shelf.take(*letters(lot(1), 1, 4))
        shelf.mend_until(deadletters.dead_letters)
        (dead,) = deadletters.dead_letters()
        shelf.producer[lot(1)] = [envelope(lot(1), number) for number in (1, 2, 3, 4)]

        deadletters.replay(dead["_id"], by="usr_1")
        shelf.mend_until(lambda: len(shelf.on(lot(1))) > 1)

        assert shelf.on(lot(1)) == [1, 2, 3, 4]


class TestTwoStep:
    def test_submits_outside_the_transaction_and_records_inside(self, shelf):
        seen = []
        shelf.handlers[PUBLISHED] = TwoStep(
            submit=lambda events: seen.append(mongo.in_transaction()) or len(events),
            record=lambda events, count: collection("shelf").insert_one(
                {"subject": "count", "sequence": count, "inside": mongo.in_transaction()}
            ),
        )

        shelf.take(*letters(lot(1), 1, 2))

        assert seen == [False]
        assert collection("shelf").find_one({"subject": "count"})["inside"] is True
        assert shelf.on("count") == [2]
        assert head(lot(1)) == 2

    def test_keeps_everything_when_the_other_side_does_not_answer(self, shelf):
        def submit(events):
            raise ConnectionError("busy")

        shelf.handlers[PUBLISHED] = TwoStep(submit=submit, record=lambda events, outcome: None)

        with pytest.raises(Unavailable):
            shelf.take(*letters(lot(1), 1))

        assert head(lot(1)) == 0


class TestHeadsOfSource:
    def test_are_told_page_by_page(self, shelf):
        shelf.take(*[a_letter(lot(number), 1) for number in range(1, 6)])

        first = inbox.heads_of_source("/catalog/1", limit=3)
        rest = inbox.heads_of_source("/catalog/1", after=first[-1]["id"], limit=3)

        assert len(first) == 3
        assert len(rest) == 2
        assert {row["sequence"] for row in first + rest} == {1}


class TestRetention:
    def test_forgets_handled_messages_only_after_a_sagas_life(self, database):
        indexes = collection("inbox_log").index_information()

        (ttl,) = [index for index in indexes.values() if "expireAfterSeconds" in index]
        assert ttl["expireAfterSeconds"] >= timedelta(days=365).total_seconds()

    def test_never_forgets_a_head(self, database):
        indexes = collection("inbox_heads").index_information()

        assert not [index for index in indexes.values() if "expireAfterSeconds" in index]


class TestRivals:
    def test_of_two_appliers_with_the_same_events_one_wins_each(self, shelf):
        rival = Applier(GROUP, shelf.handlers, QUICK)
        batch = letters(lot(1), 1, 2, 3)

        shelf.applier.take(batch)
        rival.take(batch)

        assert shelf.on(lot(1)) == [1, 2, 3]
