"""Drawing what is due: no mark is lost to a drawing, and no picture keeps others waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pymongo.errors import ExecutionTimeout
from structlog.testing import capture_logs

from services.matching.communities.repositories import MongoCommunities
from services.matching.pictures import handlers
from services.matching.pictures.handlers import draw_all_due
from services.matching.pictures.queries import MongoPast
from services.matching.pictures.repositories import MongoPictures
from tests.builders.matching import HOST, an_id

HOSTS = [an_id("org", number) for number in range(100, 105)]


class Fails(MongoPast):
    """Knows nothing of these hosts, and says so in its own way."""

    def __init__(self, hosts, error) -> None:
        self.hosts, self.error = hosts, error

    def record_of(self, host_id):
        if host_id in self.hosts:
            raise self.error
        return super().record_of(host_id)


def draw(past) -> bool:
    return draw_all_due(MongoPictures(), MongoCommunities(), past)


class TestAMark:
    def test_made_while_the_picture_is_drawn_has_it_drawn_again(self, world):
        MongoPictures().mark([HOST])
        drawn = []

        class MarkedMeanwhile(MongoPast):
            def record_of(self, host_id):
                drawn.append(host_id)
                if len(drawn) == 1:
                    with ThreadPoolExecutor() as others:
                        others.submit(MongoPictures().mark, [HOST]).result()
                return super().record_of(host_id)

        draw(MarkedMeanwhile())

        assert drawn == [HOST, HOST]
        assert MongoPictures().due(limit=9) == []


@pytest.fixture
def told():
    """What is logged, so that it is not printed: that takes longer than the rest."""
    with capture_logs() as told:
        yield told


@pytest.mark.usefixtures("told")
class TestAPictureThatCannotBeDrawn:
    @pytest.mark.parametrize("error", [LookupError("a lot that is nowhere"), ExecutionTimeout("")])
    def test_is_logged_and_the_others_beside_it_are_drawn(self, world, told, error):
        MongoPictures().mark(HOSTS)

        draw(Fails(HOSTS[:1], error))

        assert MongoPictures().due(limit=9) == HOSTS[:1]
        assert [each["host"] for each in told if each["event"] == "not drawn"] == HOSTS[:1]

    def test_waits_for_the_others_however_many_of_its_kind_there_are(self, world, monkeypatch):
        monkeypatch.setattr(handlers, "DRAWN_AT_ONCE", 2)
        MongoPictures().mark(HOSTS)
        past = Fails(HOSTS[:2], LookupError())

        assert [draw(past), draw(past), draw(past)] == [False, True, True]
        assert sorted(MongoPictures().due(limit=9)) == HOSTS[:2]

    def test_is_like_any_other_once_it_was_drawn(self, world):
        MongoPictures().mark(HOSTS)
        draw(Fails(HOSTS[:1], LookupError()))

        draw(MongoPast())
        MongoPictures().mark(reversed(HOSTS))

        assert MongoPictures().due(limit=9) == HOSTS
