"""The register of topics is whole and says who may write where."""

from __future__ import annotations

import re

from chassis.topics import produced_by, register


class TestRegister:
    def test_names_topics_by_service_and_aggregate(self):
        for name in register():
            assert re.fullmatch(r"teahouse\.(identity|catalog|matching|payments)\.[a-z-]+", name)

    def test_puts_each_fact_where_its_type_says(self):
        for topic in register().values():
            for event_type in topic.types:
                service, noun, _ = event_type.split(".", 2)
                if noun not in {"command", "reply"}:
                    assert topic.name == f"teahouse.{service}.{noun}"
                    assert topic.producers == {service}

    def test_lets_each_type_be_in_one_topic_only(self):
        types = [kind for topic in register().values() for kind in topic.types]

        assert len(types) == len(set(types))

    def test_tells_a_service_what_it_writes_to(self):
        assert "teahouse.matching.saga-replies" in produced_by("catalog")
        assert "teahouse.matching.claim" not in produced_by("catalog")
