"""``teahouse match clear`` against matching's internal port, with the worker working."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from chassis.mongo import collection
from services.matching.clearings.handlers import clear_next
from services.matching.clearings.use_cases import SolverFailed
from services.matching.offers.repositories import MongoOfferNotes
from services.matching.settings import MatchingSettings
from teahouse.commands import match
from teahouse.commands.match import clear as command
from tests.builders.matching import BRAND, CO_HOST, HOST, NOW, a_lot, an_id
from tests.integration.matching.journey.clearing import a_bench
from tests.tokens import bearer

INTERNAL = 8203


class Client:
    """Matching's internal port; its worker takes up what is asked when somebody looks."""

    def __init__(self, world, bench) -> None:
        self._world, self._bench = world, bench

    def work(self) -> None:
        """What the worker does."""
        clear_next(self._bench, lambda: NOW)

    def get(self, path, **query):
        self.work()
        return self._sent("GET", path, query_string=query)

    def post(self, path, body):
        return self._sent("POST", path, json=body)

    def _sent(self, method, path, **more):
        token = self._world.keys.service("matching", "matching")
        answer = self._world.app.test_client().open(
            path,
            method=method,
            headers=bearer(token),
            environ_overrides={"SERVER_PORT": str(INTERNAL)},
            **more,
        )
        return SimpleNamespace(
            status_code=answer.status_code, text=answer.text, json=answer.get_json
        )


@pytest.fixture
def settings(database) -> MatchingSettings:
    return MatchingSettings(service="matching", mongo_uri=database, api_internal_port=INTERNAL)


@pytest.fixture
def run(world, settings, monkeypatch):
    """Run the command; ``bench`` is what the worker works with."""
    MongoOfferNotes().publish_lots(
        [a_lot(id=an_id("lot", number), packs_free=1) for number in (1, 2)]
    )
    monkeypatch.setattr(command, "LOOK_SECONDS", 0.0)

    def invoke(*words, **bench):
        client = Client(world, a_bench(**bench))
        monkeypatch.setattr(command, "settings_of", lambda *_: {"matching": settings})
        monkeypatch.setattr(command, "ServiceClient", lambda *_: client)
        return CliRunner().invoke(match.app, ["clear", *words])

    return invoke


def flat(done):
    """What was told, however wide the terminal."""
    return " ".join(done.output.split())


class TestADryRun:
    def test_shows_who_gets_what_and_what_proves_it_and_holds_nothing(self, run):
        done = run("--dry-run")

        assert done.exit_code == 0, done.output
        for said in (
            "First-come-first-served would lose",
            "先到先得将损失",
            "the gap is 0.0000%",
            HOST,
            CO_HOST,
            f"of {BRAND}",
            "想要；",
            "Next 下一步: `teahouse match clear --period 2026-w09`",
        ):
            assert said in flat(done)
        assert "nothing is held" in flat(done)
        assert collection("holds").count_documents({}) == 0

    def test_cuts_no_title_id_or_number_to_the_width_of_a_terminal(self, run, monkeypatch):
        monkeypatch.setenv("COLUMNS", "80")
        title = "Jasmine green tea of the spring harvest, in gift boxes of twelve"
        lots = [an_id("lot", number) for number in (1, 2)]
        MongoOfferNotes().publish_lots([a_lot(id=each, title=title) for each in lots])

        done = run("--dry-run")

        assert "…" not in done.output
        assert max(map(cell_len, done.output.splitlines())) <= 80
        for said in (*title.split(), HOST, CO_HOST):
            assert said in done.output

    def test_tells_both_factors_of_each_and_how_many_it_left_out(self, run):
        told = json.loads(run("--dry-run", "--json").stdout)["assignments"][0]

        done = run("--dry-run", "--show", "1")

        wants, accepts = (told[each] / 1_000 for each in ("host_wants", "brand_accepts"))
        assert f"= {wants:.3f} × {accepts:.3f}; price" in flat(done)
        assert "1 more: --show 2" in flat(done)

    def test_names_a_rule_again_and_a_period_that_is_free(self, run):
        cleared = run("--json")
        taken = json.loads(cleared.stdout)["clearing"]["id"]
        collection("holds").update_many({}, {"$set": {"released_at": NOW}})
        collection("offers").update_many({}, {"$set": {"held": {}}})

        done = run("--dry-run", "--rule", "no-envy", "--worth", "host", "--reserve")

        again = "`teahouse match clear --rule no-envy --worth host --reserve --period NAME`"
        assert again in flat(done)
        assert f"2026-w09 is cleared already, by {taken}" in flat(done)

    def test_says_that_nobody_has_room_left(self, run):
        run()

        done = run("--dry-run")

        assert "2 more hosts are not in it" in flat(done)
        assert "另有 2 位主理人未参与" in flat(done)
        assert "There was nothing to hold" in flat(done)
        assert "First-come" not in done.output

    def test_tells_machines_all_of_it(self, run):
        done = run("--dry-run", "--json")

        told = json.loads(done.stdout)
        assert done.exit_code == 0
        assert told["clearing"]["certificate"]["gap"] == 0
        assert {each["host_id"] for each in told["assignments"]} == {HOST, CO_HOST}


class TestAClearing:
    def test_holds_and_is_refused_a_second_time_in_its_period(self, run):
        first, second = run(), run()

        assert first.exit_code == 0, first.output
        assert "2 are held for 48 hours" in flat(first)
        assert isinstance(second.exception, command.ClearingRefused)
        assert "held until 2026-03-03 20:00" in flat(first)
        assert "/report" in flat(first)
        assert "Next: each host claims" in flat(first)
        said = str(second.exception)
        assert said.startswith("The market of that period is cleared already, or is being clear")
        assert "(period-cleared): 2026-w09 has clr_" in said
        assert second.exception.members["title_zh"].startswith("该期市场已清算")
        assert "make a dry run" in second.exception.members["hint"]
        assert collection("holds").count_documents({}) == 2

    def test_of_a_period_that_is_no_name_is_told_so(self, run):
        done = run("--period", "Bad Period")

        assert "period: Lower-case letters, digits and single hyphens." in str(done.exception)
        assert done.exception.members["hint"] == "Correct the fields named in errors."

    def test_that_fails_says_why_and_ends_with_1(self, run):
        def fail(*_args):
            raise SolverFailed("out of memory")

        done = run(solve=fail)

        assert done.exit_code == 1
        assert "Nothing was cleared: out of memory" in done.output

    def test_that_nobody_takes_up_is_not_waited_for_for_ever(self, run, monkeypatch):
        monkeypatch.setattr(Client, "work", lambda _client: None)

        done = run("--within", "1")

        assert isinstance(done.exception, command.ClearingSlow)
