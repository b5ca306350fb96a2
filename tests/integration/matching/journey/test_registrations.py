"""The questions of a cartridge over HTTP: asked of guests, answered, read by the host alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel import time
from chassis.mongo import collection
from services.matching.supply.repositories import MongoCartridges
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    DIGEST,
    HOST,
    STARTS_AT,
    STRANGER,
    VENUE_OWNER,
    a_version,
    an_id,
)

OPTIONS = [{"zh": "白米", "en": "White"}, {"zh": "糙米", "en": "Brown"}]
QUESTIONS = [
    {
        "id": "allergies",
        "title": {"zh": "过敏？", "en": "Allergies?"},
        "kind": "text",
        "required": True,
    },
    {"id": "rice", "title": {"zh": "哪种米？", "en": "Which rice?"}, "kind": "choice"}
    | {"options": OPTIONS},
]
MANIFEST = {
    "languages": ["zh", "en"],
    "people": {"min": 8, "max": 20},
    "programme": [{"starts_minute": 0, "minutes": 60, "title": {"zh": "喝茶", "en": "Tea"}}],
    "questions": QUESTIONS,
}
SECRET = "sesame and peanuts"
ANSWERS = {"allergies": SECRET, "rice": 2}


@pytest.fixture
def path(world) -> str:
    """An open gathering whose cartridge asks two questions."""
    collection("cartridges").delete_one({"_id": DIGEST})
    MongoCartridges().note([a_version(manifest=MANIFEST)])
    return world.gathering()


def register(world, path, code, answers=None):
    body = {"code": code, "answers": ANSWERS if answers is None else answers}
    return world.app.test_client().post(f"{path}/registrations", json=body)


def take_back(world, path, code):
    return world.app.test_client().post(f"{path}/registrations/withdrawals", json={"code": code})


def guests(world, path, who=HOST, **query):
    return world.get(who, f"{path}/guests", **query)


class TestTheForm:
    def test_is_there_for_guests_in_the_languages_of_the_cartridge(self, world, path):
        form = world.app.test_client().get(f"{path}/form")

        assert form.status_code == 200
        assert [asked["title"]["zh"] for asked in form.json["questions"]] == ["过敏？", "哪种米？"]
        assert form.json["questions"][1]["options"] == OPTIONS
        assert form.json["questions"] == world.get(HOST, path).json["questions"]
        assert set(form.json) == {"gathering_id", "title", "starts_at", "ends_at", "questions"}

    def test_is_gone_with_the_gathering(self, world, path):
        world.post(HOST, f"{path}/cancellations", {"why": "rain"})

        form = world.app.test_client().get(f"{path}/form")

        assert (form.status_code, form.json["code"]) == (422, "gathering-not-open")


class TestRegistering:
    def test_is_kept_with_the_ticket_for_the_host(self, world, path, clock):
        first, second = world.invite(path, 2)

        answer = register(world, path, first)
        clock.set(STARTS_AT)
        ticket = world.check_in(path, first).json

        assert answer.status_code == 201
        assert "answers" not in answer.json
        came, waited = sorted(
            guests(world, path).json["items"], key=lambda row: -len(row["answers"])
        )
        assert came["invitation_id"] == ticket["invitation_id"]
        assert (came["answers"], came["ticket_id"]) == (ANSWERS, ticket["id"])
        assert (waited["answers"], waited["registered_at"], waited["ticket_id"]) == (
            {},
            None,
            None,
        )
        assert second

    def test_tells_every_answer_that_does_not_fit_and_keeps_none(self, world, path):
        (code,) = world.invite(path)

        answer = register(world, path, code, {"rice": 3, "wine": "red"})

        assert (answer.status_code, answer.json["code"]) == (422, "answers-unfit")
        assert answer.json["answers"] == [
            {"question": "allergies", "code": "missing"},
            {"question": "rice", "code": "not-an-option"},
            {"question": "wine", "code": "unknown"},
        ]
        assert collection("registrations").count_documents({}) == 0

    @pytest.mark.parametrize("value", [None, [], {}, "\u0000", "x" * 2_001])
    def test_refuses_what_is_no_answer_at_all(self, world, path, value):
        (code,) = world.invite(path)

        assert register(world, path, code, {"allergies": value}).status_code == 400

    def test_may_be_repeated_and_corrected(self, world, path):
        (code,) = world.invite(path)

        first, again = register(world, path, code), register(world, path, code)
        later = register(world, path, code, {"allergies": "none"})

        assert again.json == first.json
        assert later.json["id"] == first.json["id"]
        (guest,) = guests(world, path).json["items"]
        assert guest["answers"] == {"allergies": "none"}

    def test_needs_a_code_of_this_gathering(self, world, path):
        (code,) = world.invite(path)
        elsewhere = f"/v1/gatherings/{an_id('gth', 9)}"

        assert register(world, path, "tea").json["code"] == "door-code-invalid"
        assert register(world, elsewhere, code).json["code"] == "code-of-another-gathering"
        assert collection("registrations").count_documents({}) == 0

    def test_is_no_condition_of_being_let_in(self, world, path, clock):
        (code,) = world.invite(path)
        clock.set(STARTS_AT)

        assert world.check_in(path, code).status_code == 200


class TestPrivacy:
    def test_is_for_the_host_alone(self, world, path):
        register(world, path, world.invite(path)[0])

        refused = {who: guests(world, path, who).json["code"] for who in (CO_HOST, STRANGER)}
        others = [guests(world, path, who).status_code for who in (BRAND, VENUE_OWNER)]

        assert refused == {CO_HOST: "not-the-host", STRANGER: "gathering-not-found"}
        assert others == [403, 403]

    def test_leaves_no_copy_of_an_answer_in_history_events_or_kept_requests(self, world, path):
        (code,) = world.invite(path)
        register(world, path, code)
        register(world, path, code, {"allergies": f"{SECRET} again"})

        kept = {
            name: str(list(collection(name).find({})))
            for name in collection("registrations").database.list_collection_names()
        }

        assert [name for name, text in kept.items() if SECRET in text] == ["registrations"]
        assert "'after': {'answers': 'hidden'" in kept["history"]

    def test_lets_a_guest_have_her_answers_forgotten_even_afterwards(self, world, path):
        (code,) = world.invite(path)
        register(world, path, code)
        world.post(HOST, f"{path}/cancellations", {"why": "rain"})

        first, again = take_back(world, path, code), take_back(world, path, code)

        assert (first.status_code, first.json["is_forgotten"]) == (200, True)
        assert again.json == first.json
        assert guests(world, path).json["items"][0]["answers"] == {}
        assert SECRET not in str(list(collection("registrations").find({})))

    def test_forgets_answers_thirty_days_after_the_end(self, world, path, clock):
        register(world, path, world.invite(path)[0])
        (row,) = collection("registrations").find({})
        clock.set(row["forget_at"] - timedelta(milliseconds=1))
        world.run_tasks()
        assert guests(world, path).json["items"][0]["answers"] == ANSWERS

        clock.set(row["forget_at"])
        world.run_tasks()

        ends_at = time.from_rfc3339(world.get(HOST, path).json["slot"]["ends_at"])
        assert row["forget_at"] == ends_at + timedelta(days=30)
        assert guests(world, path).json["items"][0]["answers"] == {}
        assert SECRET not in str(list(collection("registrations").find({})))

    def test_has_nothing_to_forget_of_who_never_answered(self, world, path):
        (code,) = world.invite(path)

        answer = take_back(world, path, code)

        assert (answer.status_code, answer.json["code"]) == (404, "not-registered")

    def test_lists_page_by_page(self, world, path):
        for code in world.invite(path, 3):
            register(world, path, code)

        first = guests(world, path, limit=2).json
        rest = guests(world, path, limit=2, cursor=first["next_cursor"]).json

        assert len({row["invitation_id"] for row in first["items"] + rest["items"]}) == 3
        assert rest["next_cursor"] is None
