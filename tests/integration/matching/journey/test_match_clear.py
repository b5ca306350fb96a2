"""``teahouse match clear`` against matching's internal port, with the worker working."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from chassis.mongo import collection
from services.matching.clearings.handlers import clear_next
from services.matching.clearings.use_cases import SolverFailed
from services.matching.offers.repositories import MongoOfferNotes
from services.matching.settings import MatchingSettings
from teahouse.commands import match
from teahouse.commands.match import clear as command
from tests.builders.matching import CO_HOST, HOST, NOW, a_lot, an_id
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
def run(world, monkeypatch):
    """Run the command; ``bench`` is what the worker works with."""
    MongoOfferNotes().publish_lots(
        [a_lot(id=an_id("lot", number), packs_free=1) for number in (1, 2)]
    )
    monkeypatch.setattr(command, "LOOK_SECONDS", 0.0)

    def invoke(*words, **bench):
        client = Client(world, a_bench(**bench))
        monkeypatch.setattr(command, "_client", lambda _var: client)
        return CliRunner().invoke(match.app, ["clear", *words])

    return invoke


class TestADryRun:
    def test_shows_who_gets_what_and_what_proves_it_and_holds_nothing(self, run):
        done = run("--dry-run")

        assert done.exit_code == 0, done.output
        for said in ("First-come-first-served would lose", "the gap is 0.0000%", HOST, CO_HOST):
            assert said in done.output
        assert "nothing is held" in done.output
        assert collection("holds").count_documents({}) == 0

    def test_cuts_no_title_id_or_number_to_the_width_of_a_terminal(self, run, monkeypatch):
        monkeypatch.setenv("COLUMNS", "80")
        title = "Jasmine green tea of the spring harvest, in gift boxes of twelve"
        lots = [an_id("lot", number) for number in (1, 2)]
        MongoOfferNotes().publish_lots([a_lot(id=each, title=title) for each in lots])

        done = run("--dry-run")

        assert "…" not in done.output
        for said in (*title.split(), HOST, CO_HOST):
            assert said in done.output

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
        assert "2 are held for 48 hours" in first.output
        assert isinstance(second.exception, command.ClearingRefused)
        assert "period-cleared" in str(second.exception)
        assert collection("holds").count_documents({}) == 2

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
