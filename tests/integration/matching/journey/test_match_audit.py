"""The latest audit in a terminal, and one made now."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from chassis.client import PeerUnavailable
from chassis.mongo import collection
from services.matching.offers.repositories import MongoOfferNotes
from teahouse.commands.match import app as match
from teahouse.commands.match import audit
from teahouse.speech import Exit
from tests.builders.matching import (
    BRAND,
    HOST,
    OTHER_BRAND,
    PLATFORM_ORG,
    STARTS_AT,
    a_lot,
    an_id,
)
from tests.integration.matching.inside import Peer
from tests.integration.matching.journey.auditing import a_settled_week, was_shown


@pytest.fixture
def week(world, clock):
    return a_settled_week(world, clock)


class TestCommand:
    @pytest.fixture
    def run(self, world, monkeypatch):
        monkeypatch.setattr(audit, "_client", lambda _var: Peer(world.app, world.keys))
        monkeypatch.setattr(audit.console, "width", 140)
        return lambda *said: CliRunner().invoke(match, ["audit", *said])

    def test_says_when_there_is_none(self, run):
        answer = run()

        assert isinstance(answer.exception, audit.AuditRefused)
        assert "audit-not-found" in str(answer.exception)

    def test_makes_one_and_shows_it_again(self, week, run):
        made = json.loads(run("--days", "7", "--json").stdout)
        shown = run()

        assert made["brands"]["total"]["claims"] == 1
        assert json.loads(run("--json").stdout) == made
        assert made["id"] in shown.output
        assert "Brands shown   获展示品牌: 2 of 2" in shown.output
        assert "no clearing is stored" in shown.output
        assert "█" in shown.output

    def test_waits_for_the_counting_rather_than_ask_for_it_again(self, week, run, monkeypatch):
        class OnlyPatient(Peer):
            def post(self, path, body):
                raise PeerUnavailable("no answer within three seconds")

        monkeypatch.setattr(audit, "_client", lambda _var: OnlyPatient(week.app, week.keys))

        assert json.loads(run("--days", "7", "--json").stdout)["brands"]["total"]["claims"] == 1

    def test_ends_with_one_when_newcomers_got_less_than_is_kept_for_them(self, week, run):
        answer = run("--days", "7")

        assert answer.exit_code == Exit.WRONG
        assert "新主理人份额不足" in answer.output

    def test_says_that_nothing_was_shown_instead_of_drawing_it_even(self, world, run):
        MongoOfferNotes().publish_lots([a_lot()])

        answer = run("--days", "7")

        assert answer.exit_code == Exit.OK
        assert "Nothing was shown in these days.   此期间没有任何展示。" in answer.output
        assert answer.output.count("nothing   无") == 6
        assert " 0.000" not in answer.output

    def test_tells_figures_whole_in_a_terminal_of_80_columns(self, week, run, monkeypatch):
        made = json.loads(run("--days", "7", "--json").stdout)
        for side in ("brands", "hosts"):
            for group in made[side]["groups"].values():
                group["exposure"] *= 99_999
        monkeypatch.setattr(audit.console, "width", 80)

        with audit.console.capture() as shown:
            audit.show(made, [])

        told = shown.get()
        assert "…" not in told
        assert f"{'█' * audit.WIDE} 199,998.0" in told

    def test_says_in_its_help_what_the_exit_code_means(self, run):
        told = " ".join(run("--help").output.split())

        assert "Ends with 1 when brands" in told
        assert "with 0 otherwise, also where nothing was shown" in told

    def test_ends_well_when_nothing_is_amiss(self, world, run):
        answer = run("--days", "7", "--json")

        assert (answer.exit_code, json.loads(answer.stdout)["findings"]) == (Exit.OK, [])

    def test_ends_with_one_when_a_brand_on_offer_was_not_shown(self, world, run):
        MongoOfferNotes().publish_lots([a_lot(id=an_id("lot", 2), brand_id=OTHER_BRAND)])
        was_shown(1, HOST, BRAND)

        answer = run("--days", "7", "--json")

        assert answer.exit_code == Exit.WRONG
        assert json.loads(answer.stdout)["findings"] == ["brands-not-shown"]

    def test_may_repeat_its_call_and_finds_what_was_made(self, week):
        peer = Peer(week.app, week.keys)
        body = {"id": an_id("aud", 7), "days": 7}

        made = peer.post("/internal/audits", body)
        was_shown(4, HOST, BRAND, at=STARTS_AT)
        again = peer.post("/internal/audits", body)

        assert (made.status_code, made.json()["id"]) == (200, an_id("aud", 7))
        assert again.json() == made.json()
        assert collection("audit_rows").count_documents({}) == 4

    def test_is_not_for_people(self, world):
        assert world.get(PLATFORM_ORG, "/internal/audits").json["code"] == "no-such-page"


def test_a_curve_is_drawn_in_one_line():
    assert audit.picture((0, 0, 1, 5_000, 10_000)) == " ▁▄█"
