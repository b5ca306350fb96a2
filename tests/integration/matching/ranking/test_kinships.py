"""What hosts claimed who claimed the same: learned, kept with the model, counted in every list."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from chassis.mongo import collection
from chassis.testing.patience import eventually
from services.matching.exposures.repositories import EXPOSURES
from services.matching.models.domain import is_held_out
from services.matching.models.queries import MongoExposureLog, MongoModelLists
from services.matching.models.repositories import MongoModels
from services.matching.models.use_cases import learn_model
from services.matching.offers.adapters import LiveRanking
from services.matching.offers.engine.kinships import NO_KINSHIPS, Kinships
from services.matching.offers.engine.points import DEFAULT, HALF_KINDRED, Weights
from services.matching.pictures.domain import NOTHING_CLAIMED, Claimed, Picture
from services.matching.pictures.queries import MongoPast
from services.matching.pictures.repositories import MongoPictures
from tests.builders.exposures import a_confirmed_claim, an_exposure
from tests.builders.matching import an_id, counting_ids
from tests.integration.matching.ranking.conftest import MODELS, RANKED_BY
from tests.integration.matching.ranking.test_models import a_model, promoted, saved
from tests.integration.matching.ranking.told import lot_id
from tests.unit.matching.offers.builders import BRAND, HOST, NOW

SEEN = NOW - timedelta(days=30)
KIN = Weights(450_000, 200_000, 100_000, 80_000, 60_000, 40_000, 20_000, 50_000)
FIRST, SECOND, THIRD = (an_id("org", 900 + number) for number in range(3))
ALIKE = Kinships(
    {FIRST: {BRAND: HALF_KINDRED}, BRAND: {FIRST: HALF_KINDRED}},
    {"tea sets": {"porcelain": HALF_KINDRED // 4}, "porcelain": {"tea sets": HALF_KINDRED // 4}},
)
LEARNED_FROM = [f"org_{n}" for n in range(30) if not is_held_out(f"org_{n}")]
HELD_OUT = [f"org_{n}" for n in range(30) if is_held_out(f"org_{n}")]
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def lots(told, lots):
    """Two lots of one brand and one each of two others."""
    told.take(
        told.published(1, brand_id=FIRST, category="Tea  Sets"),
        told.published(2, brand_id=FIRST, category="Hair"),
        told.published(3, brand_id=SECOND, category="Porcelain"),
        told.published(4, brand_id=THIRD, category=""),
    )
    return lots


def claimed(*claims, at=SEEN):
    """Hosts with the number of the lot that each claimed."""
    rows = [
        a_confirmed_claim(number, host_id, lot_id(lot), at, **changes)
        for number, (host_id, lot, *more) in enumerate(claims, 1)
        for changes in (more[0] if more else {},)
    ]
    collection("claims").insert_many(rows)


@pytest.mark.usefixtures("lots")
class TestWhatAHostClaimed:
    def of(self, host_id=HOST, limit=9):
        return MongoPast().claimed_by(host_id, limit=limit)

    def test_are_the_brands_and_the_categories_of_her_lots(self):
        claimed((HOST, 1), (HOST, 3), (HOST, 3), ("org_another", 2))

        assert self.of() == Claimed(
            frozenset({FIRST, SECOND}), frozenset({"tea sets", "porcelain"})
        )

    def test_counts_claims_that_stand_or_were_paid_out(self):
        states = ("requested", "rejected", "cancelled", "confirmed")
        claimed(*((HOST, n, {"status": state}) for n, state in enumerate(states, 1)))

        assert self.of() == Claimed(frozenset({THIRD}))

        collection("claims").update_one({"_id": "clm_1"}, {"$set": {"status": "settled"}})
        assert self.of().brands == {FIRST, THIRD}

    def test_counts_every_lot_of_a_kit_and_claims_of_before_there_were_kits(self):
        claimed((HOST, 1, {"goods": [{"lot_id": lot_id(1)}, {"lot_id": lot_id(3)}]}))
        collection("claims").insert_one(
            {"_id": "clm_0", "host_id": HOST, "lot_id": lot_id(4), "status": "settled"}
        )

        assert self.of().brands == {FIRST, SECOND, THIRD}

    def test_is_of_her_latest_claims_and_of_lots_that_are_known(self):
        claimed((HOST, 1), (HOST, 3), (HOST, 77))

        assert self.of(limit=2).brands == {SECOND}

    def test_is_nothing_at_first(self):
        assert self.of() == NOTHING_CLAIMED


@pytest.mark.usefixtures("lots")
class TestPagesOfAHost:
    def shares(self, host_id, kinships=ALIKE, terms=None):
        lot = an_exposure(1, host_id, SEEN)["shown"][0]
        lot |= {"lot_id": lot_id(3)} | ({"terms": terms} if terms else {})
        collection(EXPOSURES).insert_one(an_exposure(1, host_id, SEEN, shown=[lot]))
        collection("offers").update_one({"_id": lot_id(3)}, {"$set": {"brand_id": BRAND}})
        return MongoExposureLog().read(
            SEEN - timedelta(days=1),
            NOW,
            weights={"built-in": DEFAULT, "kin": KIN},
            kinships=lambda _: kinships,
            held_out=is_held_out(host_id),
            most=10,
        )

    def test_have_as_much_of_it_as_a_list_by_these_kinships_would(self):
        claimed((LEARNED_FROM[0], 1), at=SEEN - timedelta(hours=1))

        shown = self.shares(LEARNED_FROM[0])

        assert shown.shares[0, -1] == pytest.approx(1 / 2 + 1 / 5)

    def test_count_no_claim_that_came_after_them(self):
        claimed((LEARNED_FROM[0], 1), at=SEEN)

        assert self.shares(LEARNED_FROM[0]).shares[0, -1] == 0

    def test_have_none_of_it_where_nothing_is_alike(self):
        claimed((LEARNED_FROM[0], 1), at=SEEN - timedelta(hours=1))

        assert self.shares(LEARNED_FROM[0], NO_KINSHIPS).shares[0, -1] == 0

    def test_keep_beside_it_what_was_counted_then(self):
        row = an_exposure(2, LEARNED_FROM[0], SEEN)
        row["shown"][0] |= {"terms": {"kindred": 20_000}}
        collection(EXPOSURES).insert_one(row | {"model": "kin"})

        shown = self.shares(LEARNED_FROM[0])

        assert sorted(shown.kindred_then.tolist()) == [0, 0.4]
        assert shown.shares[:, -1].tolist() == [0, 0]


@pytest.mark.usefixtures("lots")
class TestLearning:
    def learned(self):
        return learn_model(
            "usr_op",
            models=MongoModels(),
            exposures=MongoExposureLog(),
            ids=counting_ids(),
            now=NOW,
        )

    def test_finds_what_the_same_hosts_claimed(self):
        both = [(host_id, lot) for host_id in LEARNED_FROM[:5] for lot in (1, 3)]
        claimed(*both, (LEARNED_FROM[6], 4))

        found = self.learned()

        assert found.kinships.brands.keys() == {FIRST, SECOND}
        assert found.kinships.categories.keys() == {"tea sets", "porcelain"}
        assert (found.training.claimants, found.training.kinships) == (6, 2)
        assert found.weights == DEFAULT

    def test_learns_nothing_of_hosts_that_models_are_judged_by(self):
        claimed(*((host_id, lot) for host_id in HELD_OUT[:5] for lot in (1, 3)))

        assert self.learned().kinships == NO_KINSHIPS

    def test_is_kept_whole_with_the_model_and_left_out_of_lists(self):
        claimed(*((host_id, lot) for host_id in LEARNED_FROM[:5] for lot in (1, 3)))

        stored = saved(self.learned())

        assert MongoModels().get(stored.id) == stored
        assert len(stored.kinships) == 2
        assert MongoModelLists().latest(before=None, limit=1)[0].kinships == NO_KINSHIPS

    def test_reads_models_of_before_there_was_any(self):
        stored = saved(a_model(1))
        older = {"$unset": {"kinships": "", "weights.kindred": "", "odds.rises.7": ""}}
        collection(MODELS).update_one({"_id": stored.id}, older)
        collection(MODELS).update_one({"_id": stored.id}, {"$pull": {"odds.rises": None}})

        read = MongoModels().get(stored.id)

        assert len(collection(MODELS).find_one({"_id": stored.id})["odds"]["rises"]) == 7
        assert read == stored


class TestHostsWithTastes:
    """Each claims from brands of her taste, which nothing but others' claims can tell."""

    HOSTS, PAGES, LOTS, BRANDS, TASTES = 240, 12, 10, 40, 4

    @pytest.fixture
    def lived_through(self):
        chance = np.random.default_rng(1)
        offers, exposures, claims = [], [], []
        for host in range(self.HOSTS):
            for page in range(self.PAGES):
                at = NOW - timedelta(days=90 - page)
                shown = []
                for place, brand in enumerate(chance.integers(self.BRANDS, size=self.LOTS), 1):
                    number = len(offers)
                    offers.append(
                        {"_id": f"lot_{number}", "brand_id": f"org_b{brand}", "category": ""}
                    )
                    terms = dict.fromkeys(("affinity", "subsidy"), 100_000 - 1_000 * place)
                    exposure = an_exposure(number, "", at)["shown"][0]
                    shown.append(exposure | {"place": place, "terms": terms})
                    liked = 0.2 if brand % self.TASTES == host % self.TASTES else 0.02
                    if chance.random() < liked / place**0.3:
                        claims.append(
                            a_confirmed_claim(
                                number, f"org_{host}", f"lot_{number}", at + timedelta(hours=1)
                            )
                        )
                exposures.append(an_exposure(len(exposures), f"org_{host}", at, shown=shown))
        for name, rows in (("offers", offers), (EXPOSURES, exposures), ("claims", claims)):
            collection(name).insert_many(rows)

    def test_are_found_out_and_the_log_supports_to_go_by_them(self, lived_through):
        learned = learn_model(
            "usr_op",
            models=MongoModels(),
            exposures=MongoExposureLog(),
            ids=counting_ids(),
            now=NOW,
        )

        assert learned.weights.kindred > 100_000
        alike = {int(each[5:]): much for each, much in learned.kinships.brands["org_b1"].items()}
        of_hers = [much for brand, much in alike.items() if brand % self.TASTES == 1]
        of_others = [much for brand, much in alike.items() if brand % self.TASTES != 1]
        assert sum(of_hers) > 2 * sum(of_others)
        assert learned.trial.doubts == ()
        assert learned.trial.judgement.estimates.gain.lower > 0


class TestTheList:
    @pytest.fixture
    def offers(self, host, told, app, keys):
        told.take(
            told.opened(), told.published(5), told.published(6, category="Hair", tags=["tea"])
        )
        host.found()
        picture = Picture(
            host_id=HOST, claimed=Claimed(frozenset({FIRST}), frozenset({"tea sets"}))
        )
        MongoPictures().mark([HOST])
        MongoPictures().put([picture])
        return lambda: host.offers().json["items"]

    def ranked(self, items):
        return [
            (item["lot_id"], term["points"])
            for item in items
            for term in item["terms"]
            if term["name"] == "kindred"
        ]

    def test_counts_what_is_kindred_by_the_promoted_model_alone(self, offers, host):
        assert self.ranked(offers()) == [(lot_id(5), 0), (lot_id(6), 0)]
        saved(a_model(1, weights=KIN, kinships=ALIKE))

        promoted(a_model(1).id)

        counted = [(lot_id(5), 35_000), (lot_id(6), 25_000)]
        eventually(lambda: self.ranked(offers()) == counted)
        for item in offers():
            assert sum(term["points"] for term in item["terms"]) == item["score"]
            alone = [term for term in item["terms"] if term["name"] != "variety"]
            assert host.offer(item["lot_id"]).json["terms"] == alone
        (told,) = [term for term in offers()[1]["terms"] if term["name"] == "kindred"]
        assert told["why_en"] == "Hosts who claimed what you did also claimed from this brand."

    def test_is_the_same_in_every_process_and_after_a_restart(self, offers, hosts, clock, lots):
        offers()
        saved(a_model(1, weights=KIN, kinships=ALIKE))
        promoted(a_model(1).id)
        answers = []
        for _ in range(2):
            ranking = LiveRanking(clock, RANKED_BY.ranking, models=MODELS, lots=lots, hosts=hosts)
            try:
                model = ranking.model()
                known = hosts.known(HOST).facts(model.weights, model.kinships)
                asked = {"model": model, "limit": 5, "listed": True, "now": NOW}
                answers.append([each.position for each in ranking.best(known, **asked)])
            finally:
                ranking.close()

        assert answers[0] == answers[1]
        eventually(lambda: offers()[0]["score"] == answers[0][0].score)
