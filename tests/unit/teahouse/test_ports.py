"""Every listener has a port of its own, and all move together."""

from __future__ import annotations

import pytest

from chassis.settings import SERVICES, Settings
from teahouse.ports import Ports


class TestPorts:
    def test_are_by_default_those_a_service_assumes_itself(self):
        for service in SERVICES:
            settings = Settings.from_env(service, {})

            assert Ports().public(service) == settings.api_port
            assert Ports().internal(service) == settings.api_internal_port
            assert Ports().worker(service) == settings.worker_internal_port

    @pytest.mark.parametrize("base", [8100, 20_000, 65_000])
    def test_never_collide(self, base):
        ports = Ports(base).all().values()

        assert len(set(ports)) == len(ports) == 14
        assert max(ports) < 65_536

    def test_all_move_with_the_base(self):
        usual, moved = Ports().all(), Ports(20_000).all()

        assert set(usual.values()).isdisjoint(moved.values())

    @pytest.mark.parametrize("base", [0, 1023, 65_001])
    def test_refuses_a_base_without_room(self, base):
        with pytest.raises(ValueError, match="port base"):
            Ports(base)
