"""Models in MongoDB: one is promoted, and what was shown is read with what was claimed of it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chassis.kernel.errors import Conflict
from chassis.mongo import atomically, collection
from chassis.testing.patience import eventually
from services.matching.exposures.repositories import EXPOSURES
from services.matching.models.domain import (
    BUILT_IN,
    JudgedAgainstAnother,
    Model,
    ModelNotFound,
    RanksAlready,
    State,
    is_held_out,
)
from services.matching.models.engine.learning import Odds
from services.matching.models.queries import MongoExposureLog, MongoModelLists
from services.matching.models.repositories import MongoModels
from services.matching.models.use_cases import learn_model, promote_model, try_model
from services.matching.offers.adapters import LiveRanking
from services.matching.offers.engine.kinships import NO_KINSHIPS
from services.matching.offers.engine.points import DEFAULT, MILLION, Weights
from services.matching.offers.use_cases import RankingModel
from tests.builders.exposures import a_confirmed_claim, an_exposure
from tests.builders.matching import an_id, counting_ids
from tests.builders.shown import BACKWARDS, TRUE
from tests.integration.matching.ranking.conftest import MODELS, RANKED_BY
from tests.unit.matching.offers.builders import NOW

KEPT = MongoModels()
SEEN = NOW - timedelta(days=30)
HELD_OUT, OTHERS = (
    next(f"org_{n}" for n in range(99) if is_held_out(f"org_{n}") is held)
    for held in (True, False)
)
pytestmark = pytest.mark.usefixtures("database")


def a_model(number=1, **changes):
    given = {
        "id": an_id("mdl", number),
        "version": f"2026-03-01.{number}",
        "weights": TRUE,
        "odds": Odds(-5.0, 0.6, 0.05, tuple(6 * most / MILLION for most in TRUE)),
        "learned_by": "usr_somebody",
        "learned_at": NOW,
    }
    return Model(**given | changes)


def saved(model):
    return atomically(lambda: KEPT.save(model))


def promoted(model_id, reason="to see"):
    model = KEPT.get(model_id)
    trial = try_model(model, models=KEPT, exposures=MongoExposureLog(), now=NOW)
    return atomically(
        lambda: promote_model(model_id, trial, by="usr_op", reason=reason, models=KEPT, now=NOW)
    )


class TestModels:
    def test_are_kept_whole(self):
        learned = learn_model(
            "usr_op", models=KEPT, exposures=MongoExposureLog(), ids=counting_ids(), now=NOW
        )

        stored = saved(learned)

        assert KEPT.get(stored.id) == stored
        assert KEPT.of_version("2026-03-01.1") == stored
        assert KEPT.candidate() == stored

    def test_begin_with_the_built_in_one(self):
        assert KEPT.promoted() == KEPT.get(BUILT_IN.id) == KEPT.of_version("built-in") == BUILT_IN
        assert MongoModelLists().latest(before=None, limit=5) == [BUILT_IN]
        assert KEPT.candidate() is None

    @pytest.mark.parametrize(
        "parts", [(1_000_000, 0, 0, 0, 0, 0, 1), (-1, 1_000_001, 0, 0, 0, 0, 0)]
    )
    def test_have_whole_weights_that_are_a_million_together(self, parts):
        with pytest.raises(ValueError, match="no weights of a score"):
            a_model(1, weights=Weights(*parts))

    def test_of_no_such_name_are_refused(self):
        for ask in (lambda: KEPT.get(an_id("mdl")), lambda: KEPT.of_version("2020-01-01.1")):
            with pytest.raises(ModelNotFound):
                ask()

    def test_are_called_by_their_day_and_number(self):
        saved(a_model(1))

        assert KEPT.next_version("2026-03-01") == "2026-03-01.2"
        assert KEPT.next_version("2026-03-02") == "2026-03-02.1"

    def test_have_their_version_alone(self):
        saved(a_model(1))

        with pytest.raises(Conflict):
            saved(a_model(2, version="2026-03-01.1"))


class TestPromotion:
    def test_is_of_one_at_a_time(self):
        first, second = saved(a_model(1)), saved(a_model(2))

        promoted(first.id)
        assert KEPT.promoted().id == first.id
        assert KEPT.get(BUILT_IN.id).state is State.RETIRED

        promoted(second.id)
        assert KEPT.promoted().id == second.id
        assert KEPT.get(first.id).state is State.RETIRED
        assert [each.id for each in MongoModelLists().latest(before=None, limit=5)] == [
            second.id,
            first.id,
            BUILT_IN.id,
        ]

    def test_goes_back_to_the_built_in_one_and_keeps_why(self):
        promoted(saved(a_model(1)).id)

        promoted(BUILT_IN.id, "complaints")

        assert KEPT.promoted().weights == DEFAULT
        (why,) = KEPT.get(BUILT_IN.id).promotions
        assert (why.by, why.reason) == ("usr_op", "complaints")

    def test_of_the_one_that_ranks_is_refused_and_changes_nothing(self):
        model = promoted(saved(a_model(1)).id)

        with pytest.raises(RanksAlready):
            promoted(model.id, "once more")

        assert KEPT.get(model.id) == model

    def test_by_a_trial_against_another_is_refused(self):
        first, second = saved(a_model(1)), saved(a_model(2))
        trial = try_model(second, models=KEPT, exposures=MongoExposureLog(), now=NOW)
        promoted(first.id)

        with pytest.raises(JudgedAgainstAnother, match="ranks, not built-in"):
            atomically(
                lambda: promote_model(
                    second.id, trial, by="usr_op", reason="late", models=KEPT, now=NOW
                )
            )

        assert KEPT.promoted().id == first.id
        assert KEPT.get(second.id) == second

    def test_never_leaves_two(self):
        saved(a_model(1, state=State.PROMOTED))

        with pytest.raises(Conflict):
            saved(a_model(2, state=State.PROMOTED))

        assert KEPT.promoted().id == an_id("mdl", 1)

    def test_by_two_at_once_is_by_one(self):
        models = [saved(a_model(number)) for number in (1, 2)]
        exposures = MongoExposureLog()
        trials = [try_model(each, models=KEPT, exposures=exposures, now=NOW) for each in models]
        together = threading.Barrier(2)

        def promote(model, trial):
            together.wait()
            try:
                atomically(
                    lambda: promote_model(
                        model.id, trial, by="usr_op", reason="to see", models=KEPT, now=NOW
                    )
                )
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(promote, models, trials))

        assert sorted(done) == [False, True]
        assert KEPT.promoted().id == models[done.index(True)].id
        assert KEPT.candidate().id == models[done.index(False)].id

    def test_reaches_every_process_that_ranks(self, ranking, clock, lots, hosts):
        another = LiveRanking(clock, RANKED_BY.ranking, models=MODELS, lots=lots, hosts=hosts)
        try:
            assert ranking.model() == another.model() == RankingModel("built-in", DEFAULT)

            promoted(saved(a_model(1)).id)

            for each in (ranking, another):
                eventually(lambda live=each: live.model() == RankingModel("2026-03-01.1", TRUE))
        finally:
            another.close()

    def test_is_known_to_a_process_that_starts_later(self, clock, lots, hosts):
        promoted(saved(a_model(1, weights=BACKWARDS)).id)
        ranking = LiveRanking(clock, RANKED_BY.ranking, models=MODELS, lots=lots, hosts=hosts)
        try:
            assert ranking.model().weights == BACKWARDS
        finally:
            ranking.close()


class TestExposures:
    def read(
        self,
        *,
        held_out=False,
        since=NOW - timedelta(days=180),
        until=NOW,
        most=10_000,
        kinships=lambda _: NO_KINSHIPS,
    ):
        return MongoExposureLog().read(
            since,
            until,
            weights=KEPT.weights(),
            kinships=kinships,
            held_out=held_out,
            most=most,
        )

    def claimed(self, *claims):
        collection(EXPOSURES).insert_one(an_exposure(1, OTHERS, SEEN))
        collection("claims").insert_many(claims)
        return self.read().claimed.tolist()

    def test_are_empty_before_anything_was_shown(self):
        shown = self.read()

        assert (len(shown), shown.pages, shown.hosts) == (0, 0, 0)
        assert shown.shares.shape == (0, 8)

    def test_tell_how_much_of_each_term_a_lot_had(self):
        collection(EXPOSURES).insert_one(an_exposure(1, OTHERS, SEEN))

        assert self.read().shares.tolist() == [[0.5, 0.25, 0, 0, 0, 0, 0, 0]]

    def test_tell_it_by_the_weights_of_the_model_that_ranked(self):
        saved(a_model(1))
        lot = an_exposure(1, OTHERS, SEEN)["shown"][0] | {"terms": {"affinity": 300_000}}
        page = an_exposure(1, OTHERS, SEEN, model="2026-03-01.1", shown=[lot])
        collection(EXPOSURES).insert_one(page)

        assert self.read().shares[0, 0] == 1.0

    @pytest.mark.parametrize(("days", "counts"), [(0, True), (14, True), (15, False), (-1, False)])
    def test_count_a_claim_made_in_the_two_weeks_after(self, days, counts):
        at = SEEN + timedelta(days=days)

        assert self.claimed(a_confirmed_claim(1, OTHERS, "lot_1", at)) == [counts]

    def test_count_the_first_claim_after_the_page(self):
        before, after = SEEN - timedelta(days=3), SEEN + timedelta(days=3)
        claims = (
            a_confirmed_claim(1, OTHERS, "lot_1", before),
            a_confirmed_claim(2, OTHERS, "lot_1", after),
        )

        assert self.claimed(*claims) == [True]

    @pytest.mark.parametrize(
        ("changes", "counts"),
        [
            ({"status": "settled"}, True),
            ({"status": "rejected"}, False),
            ({"status": "cancelled"}, False),
            ({"status": "requested"}, False),
            ({"goods": [{"lot_id": "lot_2"}]}, False),
            ({"goods": [{"lot_id": "lot_2"}, {"lot_id": "lot_1"}]}, True),
        ],
    )
    def test_count_confirmed_claims_of_the_host_on_the_lot(self, changes, counts):
        claim = a_confirmed_claim(1, OTHERS, "lot_1", SEEN + timedelta(days=1), **changes)

        assert self.claimed(claim) == [counts]

    def test_count_no_claim_of_another_host(self):
        assert self.claimed(a_confirmed_claim(1, "org_another", "lot_1", SEEN)) == [False]

    def test_keep_the_hosts_apart_that_are_judged_by(self):
        pages = [an_exposure(1, OTHERS, SEEN), an_exposure(2, HELD_OUT, SEEN)]
        collection(EXPOSURES).insert_many(pages)
        collection("claims").insert_one(a_confirmed_claim(1, HELD_OUT, "lot_2", SEEN))

        assert self.read(held_out=False).claimed.tolist() == [False]
        assert self.read(held_out=True).claimed.tolist() == [True]

    def test_leave_out_models_that_nobody_knows_and_say_so(self):
        pages = [an_exposure(1, OTHERS, SEEN), an_exposure(2, OTHERS, SEEN, model="lost")]
        collection(EXPOSURES).insert_many(pages)

        learned = learn_model(
            "usr_op", models=KEPT, exposures=MongoExposureLog(), ids=counting_ids(), now=NOW
        )

        assert self.read().pages == 1
        assert (learned.training.pages, learned.training.unread) == (1, 1)

    def test_are_read_within_the_window_only(self):
        day = timedelta(days=1)
        pages = [an_exposure(n, OTHERS, NOW - n * day) for n in range(1, 5)]
        collection(EXPOSURES).insert_many(pages)

        assert self.read(since=NOW - 3 * day, until=NOW - day).pages == 2

    def test_are_the_latest_where_there_are_more_than_wanted(self):
        day = timedelta(days=1)
        pages = [an_exposure(n, OTHERS, NOW - n * day) for n in range(1, 5)]
        collection(EXPOSURES).insert_many(pages)
        claims = [a_confirmed_claim(n, OTHERS, f"lot_{n}", NOW - n * day) for n in (3, 4)]
        collection("claims").insert_many(claims)

        assert self.read(most=3).claimed.tolist() == [False, False, True]

    def test_are_read_in_portions(self):
        pages = [an_exposure(n, f"org_{n}", SEEN) for n in range(1_200)]
        collection(EXPOSURES).insert_many(pages)

        apart = self.read(held_out=True), self.read(held_out=False)
        assert sum(shown.pages for shown in apart) == 1_200
        assert sum(shown.hosts for shown in apart) == 1_200
