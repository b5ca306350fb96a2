"""A process waits, loaded, until it may begin."""

from __future__ import annotations

from chassis import gate


class TestWait:
    def test_does_not_wait_where_no_gate_is_named(self, monkeypatch):
        monkeypatch.delenv("TEAHOUSE_GATE", raising=False)

        gate.wait()

    def test_passes_an_open_gate(self, monkeypatch, tmp_path):
        (tmp_path / "open").touch()
        monkeypatch.setenv("TEAHOUSE_GATE", str(tmp_path / "open"))

        gate.wait()

    def test_says_that_it_is_alive_until_the_gate_opens(self, monkeypatch, tmp_path):
        path = tmp_path / "gate"
        monkeypatch.setenv("TEAHOUSE_GATE", str(path))
        calls = []

        def still_here():
            calls.append(1)
            if len(calls) == 3:
                path.touch()

        gate.wait(still_here)

        assert len(calls) == 3
