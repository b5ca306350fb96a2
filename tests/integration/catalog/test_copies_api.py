"""Copy claims over HTTP and a real database, from the claim to its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.mongo import atomically, collection
from services.catalog.cartridges.repositories import MongoCartridges
from services.catalog.copies.repositories import MongoCopies
from services.catalog.copies.use_cases import lapse_copy_claims
from tests.integration.catalog.conftest import PLATFORM, everything, in_parallel, outbox_types
from tests.tokens import bearer
from tests.unit.catalog.fakes import AUTHOR, HOST, OTHER_AUTHOR, an_id
from tests.unit.catalog.similarity.themes import retold, sample

TEA, RICE = sample("tea-tasting").manifest, sample("rice-tasting").manifest
RULING = {"outcome": "upheld", "reasons": "Every step is the same.", "reviewer_name": "Li Hua"}
OPENED = "catalog.copy-claim.opened.v1"


@pytest.fixture
def author(calling):
    return calling(AUTHOR)


@pytest.fixture
def copyist(calling):
    return calling(OTHER_AUTHOR)


@pytest.fixture
def platform(calling):
    return calling(PLATFORM)


@pytest.fixture
def versions(author, copyist):
    """An original, and a copy of it published later."""
    original = author.post("/v1/cartridges", {"manifest": retold(TEA, name="evening-of-tea")})
    copied = copyist.post("/v1/cartridges", {"manifest": retold(TEA)})
    return original.json, copied.json


def a_body(versions, **changes) -> dict:
    original, copied = versions
    given = {
        "original_digest": original["digest"],
        "accused_digest": copied["digest"],
        "statement": "She took every step of my evening.",
    }
    return given | changes


@pytest.fixture
def claim(author, versions):
    answer = author.post("/v1/copy-claims", a_body(versions))
    assert answer.status_code == 201, answer.json
    return answer.json


def path(claim: dict, what: str = "") -> str:
    return f"/v1/copy-claims/{claim['id']}" + (f"/{what}" if what else "")


def let_pass(days: int) -> None:
    """Sweep as the worker does after so many days."""
    now = datetime.now(UTC) + timedelta(days=days)
    sweep = {"copies": MongoCopies(), "cartridges": MongoCartridges(), "now": now}
    atomically(lambda: lapse_copy_claims(**sweep))


class TestAClaim:
    def test_has_the_report_and_says_what_silence_means(self, claim, versions):
        original, copied = versions

        assert claim["state"] == "opened"
        assert claim["original"]["digest"] == original["digest"]
        assert claim["accused"]["digest"] == copied["digest"]
        assert claim["evidence"]["likeness"]["text_taken"] == 10_000
        assert claim["payees"] == {AUTHOR: 10_000}
        assert claim["silence"]["english"]
        assert outbox_types(claim["id"]) == [OPENED]

    def test_again_is_the_same_claim(self, author, claim, versions):
        again = author.post("/v1/copy-claims", a_body(versions))

        assert (again.status_code, again.json) == (201, claim)
        assert outbox_types(claim["id"]) == [OPENED]

    def test_made_by_many_at_once_is_one(self, author, versions):
        answers = in_parallel(lambda _: author.post("/v1/copy-claims", a_body(versions)), 6)

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert collection("copy_claims").count_documents({}) == 1

    def test_by_the_copyist_on_a_later_version_of_the_original_is_unfounded(
        self, author, copyist, versions
    ):
        _, copied = versions
        later = retold(TEA, name="evening-of-tea", version="9.0.0")
        again = author.post("/v1/cartridges", {"manifest": later}).json
        before = everything()

        answer = copyist.post("/v1/copy-claims", a_body((copied, again)))

        assert (answer.status_code, answer.json["code"]) == (422, "copy-claim-unfounded")
        assert answer.json["alike"] == 0
        assert everything() == before

    def test_on_a_later_version_that_took_something_new_stands(self, author, copyist, versions):
        rice = copyist.post("/v1/cartridges", {"manifest": retold(RICE, name="her-rice")}).json
        taken = retold(RICE, name="evening-of-tea", version="9.0.0")
        again = author.post("/v1/cartridges", {"manifest": taken}).json

        answer = copyist.post("/v1/copy-claims", a_body((rice, again)))

        assert answer.status_code == 201, answer.json

    @pytest.mark.parametrize(
        ("who", "changes", "code"),
        [
            (AUTHOR, {"original_digest": "sha256:" + "0" * 64}, (404, "cartridge-not-found")),
            (AUTHOR, {"swap": True}, (403, "original-not-yours")),
            (OTHER_AUTHOR, {"swap": True}, (422, "copy-claim-unfounded")),
            (AUTHOR, {"statement": ""}, (400, "invalid-request")),
            (HOST, {}, (403, "permission-missing")),
        ],
        ids=["unknown", "another's original", "published later", "no words", "a host"],
    )
    def test_that_cannot_be_is_refused_and_changes_nothing(
        self, calling, versions, who, changes, code
    ):
        changes = dict(changes)
        pair = versions[::-1] if changes.pop("swap", False) else versions
        before = everything()

        answer = calling(who).post("/v1/copy-claims", a_body(pair, **changes))

        assert (answer.status_code, answer.json["code"]) == code
        assert everything() == before

    def test_on_a_declared_adaptation_is_unfounded(self, author, copyist):
        forks = {"allowed": True, "basis_points": 500}
        parent = author.post(
            "/v1/cartridges", {"manifest": retold(TEA, name="evening-of-tea", forks=forks)}
        ).json
        wish = {"digest": parent["digest"], "basis_points": 500}
        fork = copyist.post("/v1/cartridges", {"manifest": retold(TEA, parent=wish)}).json

        answer = author.post("/v1/copy-claims", a_body((parent, fork)))

        assert (answer.status_code, answer.json["code"]) == (422, "copy-claim-unfounded")

    def test_waits_while_another_stands_on_the_version(self, author, claim, versions):
        second = author.post(
            "/v1/cartridges", {"manifest": retold(TEA, name="evening-of-tea", version="9.9.9")}
        ).json
        # Published before the copy, as it would have to be.
        collection("cartridge_versions").update_one(
            {"digest": second["digest"]},
            {"$set": {"published_at": datetime(2020, 1, 1, tzinfo=UTC)}},
        )

        answer = author.post("/v1/copy-claims", a_body((second, versions[1])))

        assert (answer.status_code, answer.json["code"]) == (409, "copy-claimed-already")

    def test_is_read_by_both_authors_and_the_platform_only(
        self, author, copyist, platform, calling, claim
    ):
        for caller in (author, copyist, platform):
            assert caller.get(path(claim)).json["id"] == claim["id"]
            assert [one["id"] for one in caller.get("/v1/copy-claims").json["items"]] == [
                claim["id"]
            ]
        others = calling(HOST).get(path(claim))

        assert (others.status_code, others.json["code"]) == (404, "copy-claim-not-found")
        assert calling(HOST).get("/v1/copy-claims").json["items"] == []

    def test_is_a_page_that_escapes_what_others_wrote(self, app, author, copyist, claim):
        copyist.post(path(claim, "answers"), {"text": "<script>mine</script>"})

        answer = app.test_client().get(
            path(claim), headers={**bearer(author._token), "Accept": "text/html"}
        )

        assert "抄袭申诉" in answer.text
        assert "&lt;script&gt;mine" in answer.text
        assert "<script>" not in answer.text


class TestItsWay:
    def test_upheld_yanks_the_copy_and_leaves_the_original(
        self, author, copyist, platform, claim, versions
    ):
        copyist.post(path(claim, "answers"), {"text": "I wrote it myself."})
        ruled = platform.post(path(claim, "rulings"), RULING).json
        let_pass(15)

        closed = copyist.get(path(claim)).json
        original, copied = versions
        pages = [f"/v1/cartridges/{each['cartridge_id']}" for each in (copied, original)]
        yanked, kept = (author.get(page).json["versions"][0] for page in pages)

        assert ruled["state"] == "ruled"
        assert (closed["state"], closed["outcome"]) == ("closed", "upheld")
        assert closed["rulings"][0]["reasons"] == RULING["reasons"]
        assert closed["rulings"][0]["reviewer_name"] == "Li Hua"
        assert closed["rulings"][0]["reviewer_id"].startswith("usr_")
        assert claim["id"] in yanked["yanked_because"]
        assert "yanked_because" not in kept
        assert outbox_types(claim["id"]) == [
            OPENED,
            "catalog.copy-claim.answered.v1",
            "catalog.copy-claim.ruled.v1",
            "catalog.copy-claim.closed.v1",
        ]
        assert outbox_types(copied["cartridge_id"])[-1] == "catalog.cartridge.version-yanked.v1"

    def test_appealed_is_ruled_by_another_reviewer(self, calling, keys, copyist, platform, claim):
        colleague = calling(PLATFORM)
        colleague._token = keys.member(PLATFORM, "platform", sub=an_id("usr"))
        copyist.post(path(claim, "answers"), {"text": "I wrote it myself."})
        platform.post(path(claim, "rulings"), RULING)
        copyist.post(path(claim, "appeals"), {"text": "Look at my drafts."})
        rejected = RULING | {"outcome": "rejected", "reviewer_name": "Wang Min"}

        same = platform.post(path(claim, "rulings"), rejected)
        other = colleague.post(path(claim, "rulings"), rejected)

        assert (same.status_code, same.json["code"]) == (409, "same-reviewer")
        assert (other.json["state"], other.json["outcome"]) == ("closed", "rejected")
        assert [each["reviewer_name"] for each in other.json["rulings"]] == ["Li Hua", "Wang Min"]

    def test_by_silence_alone_ends_rejected_and_frees_the_version(self, author, claim, versions):
        let_pass(15)
        let_pass(30)

        closed = author.get(path(claim)).json
        again = author.post("/v1/copy-claims", a_body(versions))

        assert (closed["state"], closed["outcome"]) == ("closed", "rejected")
        assert (again.status_code, again.json["code"]) == (409, "copy-claimed-already")

    def test_refuses_what_is_not_one_s_turn(self, author, copyist, platform, claim):
        before = everything()

        answers = [
            author.post(path(claim, "answers"), {"text": "x"}),
            copyist.post(path(claim, "appeals"), {"text": "x"}),
            platform.post(path(claim, "rulings"), RULING),
            platform.post(f"/v1/copy-claims/{an_id('cpc')}/rulings", RULING),
        ]

        assert [(answer.status_code, answer.json["code"]) for answer in answers] == [
            (403, "copy-claim-not-your-turn"),
            (422, "copy-claim-not-open"),
            (422, "copy-claim-not-open"),
            (404, "copy-claim-not-found"),
        ]
        assert everything() == before
