"""Ratings from verified runs only, over HTTP, matching's own facts and a real database."""

from __future__ import annotations

import pytest

from chassis.consumer.applier import Applier
from chassis.envelope import event_json
from chassis.kernel.money import Money
from chassis.mongo import collection
from chassis.web import cursor_of
from services.catalog.ratings import repositories
from services.catalog.ratings.handlers import handlers
from services.catalog.ratings.repositories import MongoRuns
from services.matching.attendance.events import GatheringRated
from services.matching.gatherings.events import GatheringSettled
from services.matching.sales.events import GatheringRefunded, RefundRequested
from tests.backbone import QUICK, as_letter, stamp
from tests.integration.catalog.conftest import everything
from tests.unit.catalog.fakes import AUTHOR, HOST, NOW, OTHER_AUTHOR, OTHER_HOST, a_manifest, an_id

MATCHING, TOPIC = "/matching/1", "teahouse.matching.gathering"


@pytest.fixture
def version(calling):
    return calling(AUTHOR).post("/v1/cartridges", {"manifest": a_manifest()}).json


class Hearing:
    """Catalog's ear for gatherings; ``twice`` is backwards, and then again in order."""

    def __init__(self) -> None:
        self.applier = Applier("catalog.runs", handlers(MongoRuns()), QUICK)

    def of(self, version, *, host_id=HOST, stars=(5, 4), twice=False) -> str:
        gathering = an_id("gth")
        facts = [
            GatheringRated(
                gathering_id=gathering,
                cartridge_id=version["cartridge_id"],
                ticket_id=an_id("tkt"),
                stars=each,
                occurred_at=NOW,
            )
            for each in stars
        ]
        facts.append(
            GatheringSettled(
                gathering_id=gathering,
                settlement_id=an_id("stl"),
                host_id=host_id,
                cartridge_id=version["cartridge_id"],
                cartridge_digest=version["digest"],
                checked_in=16,
                occurred_at=NOW,
            )
        )
        for refund in (RefundRequested, GatheringRefunded, RefundRequested):  # the last in vain
            told = refund(
                gathering_id=gathering,
                sale_id=an_id("sal"),
                refund_id=an_id("rfd"),
                amount=Money(100, "CNY"),
                packs_returned=2,
                occurred_at=NOW,
            )
            facts.append(told)
        letters = [
            as_letter(
                event_json(fact, event_id=an_id("evt"), sequence=number, stamp=stamp(MATCHING)),
                topic=TOPIC,
            )
            for number, fact in enumerate(facts, start=1)
        ]
        self.applier.take([*letters[::-1], *letters] if twice else letters)
        return gathering


@pytest.fixture
def hearing(database):
    return Hearing()


def path(version, gathering="") -> str:
    return f"/v1/cartridges/{version['cartridge_id']}" + (
        f"/ratings/{gathering}" if gathering else ""
    )


def words(stars=5, sentence="Everybody stayed to the end.") -> dict:
    return {"stars": stars, "sentence": sentence}


class TestARating:
    def test_of_a_settled_run_counts_once_and_may_be_changed(self, host, hearing, version):
        gathering = hearing.of(version)

        first = host.put(path(version, gathering), words())
        again = host.put(path(version, gathering), words())
        changed = host.put(path(version, gathering), words(stars=3))

        assert (first.status_code, again.json) == (200, first.json)
        assert changed.json["stars"] == 3
        read = host.get(path(version)).json["rating"]
        assert read == {
            "count": 1,
            "mean_hundredths": 300,
            "bayesian_hundredths": 342,
            "prior_hundredths": 350,
            "prior_weight": 5,
        }
        (listed,) = host.get(path(version) + "/ratings").json["items"]
        assert listed == changed.json

    def test_of_a_run_that_is_not_hers_or_not_settled_is_refused(
        self, calling, host, hearing, version
    ):
        gathering = hearing.of(version)
        other = {"cartridge_id": an_id("crt")}
        before = everything()

        answers = [
            calling(OTHER_HOST).put(path(version, gathering), words()),
            host.put(path(version, an_id("gth")), words()),
            host.put(path(other, gathering), words()),
        ]

        assert {(answer.status_code, answer.json["code"]) for answer in answers} == {
            (422, "run-not-verified")
        }
        assert everything() == before

    def test_of_a_gathering_that_guests_have_rated_and_nobody_has_settled_is_refused(
        self, host, version, database
    ):
        gathering, runs = an_id("gth"), MongoRuns()
        runs.note_stars([(gathering, 5)])

        answer = host.put(path(version, gathering), words())

        assert (answer.status_code, answer.json["code"]) == (422, "run-not-verified")

    @pytest.mark.parametrize("body", [words(stars=0), words(stars=6), words(sentence=""), {}])
    def test_is_one_to_five_stars_and_a_sentence(self, host, hearing, version, body):
        assert host.put(path(version, hearing.of(version)), body).status_code == 400

    def test_is_for_hosts(self, calling, hearing, version):
        answer = calling(AUTHOR).put(path(version, hearing.of(version)), words())

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")


class TestFigures:
    def test_add_up_per_version_however_often_the_facts_arrive(self, host, hearing, version):
        gathering = hearing.of(version, twice=True)
        hearing.of(version, stars=(3,))
        host.put(path(version, gathering), words(stars=4))

        (read,) = host.get(path(version)).json["versions"]

        assert read["figures"] == {
            "runs": 2,
            "checked_in": 32,
            "guest_ratings": 3,
            "guest_mean_hundredths": 400,
            "packs_returned": 4,
            "ratings": 1,
            "mean_hundredths": 400,
        }

    def test_are_added_up_in_the_database_without_reading_what_was_written(
        self, calling, hearing, version, monkeypatch
    ):
        read = []

        class Watched:
            def __init__(self, name):
                self.exact = collection(name)

            def find(self, *asked, **options):
                read.append(asked)
                return self.exact.find(*asked, **options)

            def __getattr__(self, name):
                return getattr(self.exact, name)

        monkeypatch.setattr(repositories, "collection", Watched)
        for host_id, stars in ((HOST, 5), (OTHER_HOST, 2)):
            gathering = hearing.of(version, host_id=host_id)
            calling(host_id).put(path(version, gathering), words(stars=stars))

        standing = collection("cartridge_standings").find_one({"_id": version["cartridge_id"]})

        assert (standing["ratings"], standing["bayesian"]) == (2, 350)
        assert read == []

    def test_page_those_that_are_rated_alike_each_once(self, calling, host, hearing):
        author, published = calling(AUTHOR), []
        for number, stars in enumerate((5, 3, 5, 3, 3)):
            manifest = a_manifest(name=f"evening-{number}")
            version = author.post("/v1/cartridges", {"manifest": manifest}).json
            host.put(path(version, hearing.of(version)), words(stars=stars))
            published.append((-stars, version["cartridge_id"]))

        found, cursor = [], ""
        while cursor is not None:
            shown = host.get("/v1/cartridges", order="rating", limit=2, cursor=cursor).json
            found += [row["id"] for row in shown["items"]]
            cursor = shown["next_cursor"]

        assert found == [cartridge_id for _, cartridge_id in sorted(published)]

    @pytest.mark.parametrize(
        "position", ["nonsense", "12", "12:", ":crt", "-5:crt", "4.5:crt", "9" * 19 + ":crt"]
    )
    def test_have_a_cursor_of_their_own_and_refuse_every_other(self, host, database, position):
        answer = host.get("/v1/cartridges", order="rating", cursor=cursor_of(position))

        assert (answer.status_code, answer.json["code"]) == (422, "cursor-malformed")

    def test_order_the_list_of_those_rated_page_by_page(self, calling, host, hearing, version):
        better = calling(OTHER_AUTHOR).post(
            "/v1/cartridges", {"manifest": a_manifest(name="a-better-evening")}
        )
        host.put(path(version, hearing.of(version)), words(stars=2))
        host.put(path(better.json, hearing.of(better.json)), words(stars=5))

        first = host.get("/v1/cartridges", order="rating", limit=1).json
        second = host.get("/v1/cartridges", order="rating", cursor=first["next_cursor"]).json
        mixed = host.get("/v1/cartridges", order="rating", mine="true")

        assert [row["id"] for row in first["items"]] == [better.json["cartridge_id"]]
        assert [row["id"] for row in second["items"]] == [version["cartridge_id"]]
        assert second["next_cursor"] is None
        assert mixed.status_code == 400
