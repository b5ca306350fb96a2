"""Ranking models over HTTP: learned, judged, promoted, and told with every answer."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from chassis.mongo import atomically, collection
from chassis.testing.patience import eventually
from services.matching.exposures.repositories import EXPOSURES
from services.matching.models.domain import BUILT_IN
from services.matching.models.queries import MongoExposureLog
from services.matching.models.repositories import MongoModels
from services.matching.offers.engine.kinships import NO_KINSHIPS
from teahouse.commands.match import app as match
from teahouse.commands.match import evaluate
from teahouse.speech import Exit
from tests.builders.exposures import told_of
from tests.builders.shown import BACKWARDS, TRUE, World
from tests.integration.matching.inside import Peer
from tests.integration.matching.ranking.conftest import MODELS
from tests.integration.matching.ranking.test_models import a_model
from tests.integration.matching.ranking.told import lot_id
from tests.tokens import bearer
from tests.unit.matching.offers.builders import HOST, NOW

_keys = itertools.count()
HOSTS = [f"org_{number}" for number in range(200)]
LOG = World().log(11, pages=2_600)


class Caller:
    """Speaks to matching for one organisation."""

    def __init__(self, app, keys, kind="platform", role="owner") -> None:
        self._client = app.test_client()
        self._token = keys.member(HOST, kind, role)

    def post(self, path="", **body):
        headers = bearer(self._token, f"key {next(_keys)}")
        told = {"json": body} if path else {}
        return self._client.post(f"/v1/models{path}", **told, headers=headers)

    def get(self, path="/v1/models", accept="application/json", **query):
        headers = bearer(self._token) | {"Accept": accept}
        return self._client.get(path, query_string=query, headers=headers)


@pytest.fixture
def platform(app, keys) -> Caller:
    return Caller(app, keys)


@pytest.fixture
def host(app, keys) -> Caller:
    return Caller(app, keys, "host")


@pytest.fixture
def shown(database):
    """Months of pages, ranked by the built-in model, and what was claimed of them."""
    at = NOW - timedelta(days=40)
    exposures, claims = told_of(LOG, model=BUILT_IN, at=at, hosts=HOSTS)
    collection(EXPOSURES).insert_many(exposures)
    collection("claims").insert_many(claims)


class TestLearning:
    def test_of_nothing_is_the_present_model_and_says_what_it_lacks(self, platform):
        answer = platform.post()

        assert answer.status_code == 201
        card = answer.json
        assert card["version"] == "2026-03-01.1"
        assert card["state"] == "candidate"
        assert card["weights"] == BUILT_IN.weights._asdict()
        assert card["training"]["rows"] == card["trial"]["rows"] == 0
        assert card["trial"]["estimates"] is None
        assert card["trial"]["doubts"] == ["too-few-exposures"]
        assert platform.get(f"/v1/models/{card['id']}").json == card

    def test_finds_what_hosts_go_by(self, platform, shown):
        card = platform.post().json

        assert card["training"]["pages"] + card["trial"]["pages"] == LOG.pages
        assert card["training"]["claims"] + card["trial"]["claims"] == LOG.claimed.sum()
        assert card["training"]["began_at"] == card["trial"]["against"] == "built-in"
        assert sum(card["weights"].values()) == 1_000_000
        for term in ("subsidy", "price"):
            learned, true = card["weights"][term], getattr(TRUE, term)
            assert abs(learned - true) < abs(getattr(BUILT_IN.weights, term) - true)
        gain = card["trial"]["estimates"]["gain"]
        assert gain["lower"] < gain["estimate"] < gain["upper"]

    def test_says_the_same_of_the_same_log(self, platform, shown):
        first, second = platform.post().json, platform.post().json

        assert first["weights"] == second["weights"]
        assert second["version"] == "2026-03-01.2"

    def test_is_for_the_platform_and_not_for_its_staff(self, app, keys, host):
        for caller in (host, Caller(app, keys, "platform", "staff")):
            answer = caller.post()

            assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")
        assert collection(MODELS).find_one() is None


class TestPromotion:
    def test_of_what_the_log_supports_needs_no_reason(self, platform, shown):
        atomically(lambda: MongoModels().save(a_model(1)))

        answer = platform.post(f"/{a_model(1).id}/promotions")

        assert answer.status_code == 201, answer.json
        assert answer.json["state"] == "promoted"
        assert answer.json["trial"]["estimates"]["gain"]["lower"] > 0
        (promotion,) = answer.json["promotions"]
        assert promotion["doubts"] == []
        assert promotion["reason"] is None

    def test_of_a_worse_one_is_refused_and_changes_nothing(self, platform, shown):
        atomically(lambda: MongoModels().save(a_model(1, weights=BACKWARDS)))
        before = list(collection(MODELS).find())

        answer = platform.post(f"/{a_model(1).id}/promotions")

        assert (answer.status_code, answer.json["code"]) == (422, "promotion-unsupported")
        assert answer.json["doubts"] == ["may-be-worse"]
        assert "built-in" in answer.json["detail"]
        assert list(collection(MODELS).find()) == before

    def test_with_doubts_takes_a_reason_that_is_kept(self, platform):
        model_id = platform.post().json["id"]
        assert platform.post(f"/{model_id}/promotions").status_code == 422

        answer = platform.post(f"/{model_id}/promotions", reason="A trial in one city")

        (promotion,) = answer.json["promotions"]
        assert promotion["reason"] == "A trial in one city"
        assert promotion["doubts"] == ["too-few-exposures"]

    def test_of_no_model_is_not_found(self, platform):
        answer = platform.post("/mdl_00000000000000000000000001/promotions")

        assert (answer.status_code, answer.json["code"]) == (404, "model-not-found")

    def test_is_for_the_platform(self, host, platform):
        model_id = platform.post().json["id"]

        assert host.post(f"/{model_id}/promotions", reason="mine").status_code == 403
        assert MongoModels().promoted() == BUILT_IN


class TestCards:
    def test_are_for_everybody_to_read(self, host):
        (card,) = host.get().json["items"]

        assert card["version"] == "built-in"
        assert card["state"] == "promoted"
        for saying in (
            card["intended_use"],
            card["data"],
            card["signs"],
            card["method"],
            *card["limits"],
        ):
            assert saying["en"]
            assert saying["zh"]

    def test_are_listed_page_by_page(self, platform):
        for _ in range(3):
            platform.post()

        first = platform.get(limit=2).json
        rest = platform.get(limit=2, cursor=first["next_cursor"]).json

        found = [card["version"] for card in first["items"] + rest["items"]]
        assert found == ["2026-03-01.3", "2026-03-01.2", "2026-03-01.1", "built-in"]
        assert rest["next_cursor"] is None

    def test_are_pages_in_both_languages_for_a_browser(self, platform, shown, host):
        model_id = platform.post().json["id"]
        platform.post(f"/{model_id}/promotions", reason="<b>because</b>")

        answer = host.get(f"/v1/models/{model_id}", accept="text/html")

        assert answer.mimetype == "text/html"
        for word in ("DR", "双稳健", "2026-03-01.1", "排序模型", "&lt;b&gt;because"):
            assert word in answer.text
        built_in = host.get(f"/v1/models/{BUILT_IN.id}", accept="text/html")
        assert "500,000" in built_in.text


class TestRanking:
    @pytest.fixture
    def offers(self, app, keys, told):
        told.take(told.opened(), told.published(1), told.published(2, tags=["toys"]))
        caller = Caller(app, keys, "host")
        body = {"name": "Tea friends", "city": "Suzhou", "size": 60, "tags": {"tea": 80}}
        headers = bearer(caller._token, "one key")
        assert app.test_client().post("/v1/communities", json=body, headers=headers).status_code

        def ask(lot="", **query):
            return caller.get(f"/v1/hosts/{HOST}/offers{lot and '/' + lot}", **query).json

        return ask

    def test_goes_by_the_promoted_model_and_says_so(self, platform, offers):
        assert {item["model"] for item in offers()["items"]} == {"built-in"}
        atomically(lambda: MongoModels().save(a_model(1, weights=BACKWARDS)))

        platform.post(f"/{a_model(1).id}/promotions", reason="to see")

        eventually(lambda: {item["model"] for item in offers()["items"]} == {"2026-03-01.1"})
        for item in offers()["items"]:
            terms = {term["name"]: term["points"] for term in item["terms"]}
            assert sum(terms.values()) == item["score"]
            assert all(terms[name] <= most for name, most in BACKWARDS._asdict().items())
            alone = [term for term in item["terms"] if term["name"] != "variety"]
            assert offers(item["lot_id"])["terms"] == alone

    def test_notes_what_models_learn_from(self, offers, exposures):
        items = offers(limit=10)["items"]
        exposures.close()

        read, most = MongoExposureLog().read, BUILT_IN.weights._asdict()
        asked = {"weights": MongoModels().weights(), "most": 10}
        asked |= {"kinships": lambda _: NO_KINSHIPS}
        until = NOW + timedelta(days=1)
        parts = [read(NOW, until, held_out=each, **asked) for each in (True, False)]
        (shown,) = [part for part in parts if len(part)]
        assert shown.place.tolist() == [item["place"] for item in items]
        assert shown.explored.tolist() == [item["explored"] for item in items]
        for shares, item in zip(shown.shares.tolist(), items, strict=True):
            terms = {term["name"]: term["points"] for term in item["terms"]}
            assert shares == [terms[name] / most[name] if most[name] else 0 for name in most]

    def test_can_be_told_again_by_any_version(self, platform, offers):
        before = offers(lot_id(1))
        atomically(lambda: MongoModels().save(a_model(1)))
        platform.post(f"/{a_model(1).id}/promotions", reason="to see")
        eventually(lambda: offers(lot_id(1))["model"] == "2026-03-01.1")
        assert offers(lot_id(1))["score"] != before["score"]

        assert offers(lot_id(1), model="built-in") == before

    def test_by_a_version_that_never_was_is_not_found(self, offers):
        assert offers(lot_id(1), model="2020-01-01.1")["code"] == "model-not-found"


class TestEvaluating:
    @pytest.fixture
    def run(self, app, keys, monkeypatch):
        monkeypatch.setattr(evaluate, "_client", lambda _var: Peer(app, keys))
        monkeypatch.setattr(evaluate.console, "width", 140)
        return lambda *said: CliRunner().invoke(match, ["evaluate", *said])

    def test_is_content_when_there_is_nothing_to_judge(self, run):
        answer = run()

        assert answer.exit_code == Exit.OK
        assert "built-in ranks now" in answer.output
        assert "没有候选模型" in answer.output

    def test_shows_what_speaks_for_a_better_model(self, run, platform, shown):
        atomically(lambda: MongoModels().save(a_model(1)))

        answer, told = run(), json.loads(run("--json").stdout)

        assert answer.exit_code == Exit.OK, answer.output
        for word in ("2026-03-01.1", "doubly robust", "●", "┃", "400,000", "supports it"):
            assert word in answer.output
        assert told["promoted"]["version"] == "built-in"
        assert told["model"]["trial"]["doubts"] == []
        # Only looked at: the card is as it was.
        assert platform.get(f"/v1/models/{a_model(1).id}").json["trial"] is None

    def test_ends_with_one_for_a_worse_model(self, run, shown):
        atomically(lambda: MongoModels().save(a_model(1, weights=BACKWARDS)))

        answer = run(a_model(1).id)

        assert answer.exit_code == Exit.WRONG
        assert "it may be worse" in answer.output

    def test_refuses_a_model_that_there_is_not(self, run):
        answer = run("mdl_00000000000000000000000001")

        assert isinstance(answer.exception, evaluate.TrialRefused)
        assert "model-not-found" in str(answer.exception)

    def test_is_not_for_people(self, platform):
        assert platform.get("/internal/models/trials").json["code"] == "no-such-page"
