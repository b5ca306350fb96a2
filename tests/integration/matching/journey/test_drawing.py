"""Drawing what is due: no mark is lost to a drawing that is under way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from services.matching.communities.repositories import MongoCommunities
from services.matching.pictures.handlers import draw_all_due
from services.matching.pictures.queries import MongoPast
from services.matching.pictures.repositories import MongoPictures
from tests.builders.matching import HOST


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

        draw_all_due(MongoPictures(), MongoCommunities(), MarkedMeanwhile())

        assert drawn == [HOST, HOST]
        assert MongoPictures().due(limit=9) == []
