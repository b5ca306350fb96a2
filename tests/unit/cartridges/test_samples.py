"""Every sample, and the template, is a cartridge that an author could be proud of."""

from __future__ import annotations

from pathlib import Path

import pytest

import cartridges
from cartridges.expectations import outcomes
from cartridges.verdict import judge
from teahouse.cartridge.folder import read_desk

HOME = Path(cartridges.__file__).parent
DESKS = [HOME / "template", *sorted((HOME / "samples").iterdir())]
WANTED = {
    "attention-games",
    "hair-styling-salon",
    "heritage-brand-visit",
    "reading-circle",
    "repair-cafe",
    "rice-tasting",
    "tea-tasting",
    "whole-solution-dinner",
}


@pytest.mark.parametrize("path", DESKS, ids=lambda path: path.name)
class TestSamples:
    def test_pass_every_check(self, path):
        package = read_desk(path).packed()

        assert judge(package.file_name, package.content()).problems == []

    def test_run_as_their_rehearsals_say(self, path):
        manifest = read_desk(path).packed().manifest
        found = list(outcomes(manifest, (path / "rehearsals.yaml").read_bytes()))

        assert len(found) >= 2
        assert [each for each in found if each.differences] == []

    def test_are_there_in_both_languages(self, path):
        assert read_desk(path).source.manifest["languages"] == ["zh", "en"]


def test_there_is_one_for_every_story():
    assert {path.name for path in DESKS[1:]} == WANTED


def test_the_attention_games_are_for_teams_of_three():
    assert read_desk(HOME / "samples/attention-games").source.manifest["teams"] == {"size": 3}
