"""A deed is recorded once for what it follows from."""

from services.matching.behaviour.domain import Deed, record
from services.matching.behaviour.repositories import MongoBehaviour
from tests.builders.matching import CO_HOST, HOST, NOW, an_id


def noted(deed=Deed.HELD, who=HOST, origin=None):
    return record(deed, who, gathering_id=an_id("gth"), origin=origin or an_id("gth"), at=NOW)


class TestRecord:
    def test_has_one_id_for_one_deed(self):
        assert noted().id == noted().id
        assert noted().id.startswith("bhv_")

    def test_has_another_id_for_any_other_deed(self):
        lines = [noted(), noted(Deed.RATED), noted(who=CO_HOST), noted(origin=an_id("tkt"))]

        assert len({line.id for line in lines}) == 4


class TestBehaviour:
    def test_can_only_grow(self):
        verbs = [name for name in vars(MongoBehaviour) if not name.startswith("_")]

        assert verbs == ["append"]
