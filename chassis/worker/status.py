"""The worker's small internal port: alive, ready, metrics."""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from chassis import metrics
from chassis.health import Readiness


class StatusServer:
    """Answers ``/livez``, ``/readyz`` and ``/metrics`` on one port of this machine."""

    def __init__(self, port: int, readiness: Readiness) -> None:
        host = os.environ.get("TEAHOUSE_BIND_HOST", "127.0.0.1")
        self._server = ThreadingHTTPServer((host, port), _handler(readiness))
        self._server.daemon_threads = True

    def serve(self, stopping: threading.Event) -> None:
        """Answer until ``stopping`` is set."""
        server = threading.Thread(target=self._server.serve_forever, args=(0.2,), daemon=True)
        server.start()
        stopping.wait()
        self._server.shutdown()
        self._server.server_close()


def _handler(readiness: Readiness) -> type[BaseHTTPRequestHandler]:
    class Status(BaseHTTPRequestHandler):
        """One request."""

        def do_GET(self) -> None:  # the name http.server calls
            if self.path == "/metrics":
                self._answer(200, "text/plain; version=0.0.4", metrics.exposition())
            elif self.path == "/livez":
                self._answer_json(200, {"status": "alive"})
            elif self.path == "/readyz":
                passes, checks = readiness.report()
                status = "ready" if passes else "not-ready"
                self._answer_json(200 if passes else 503, {"status": status, "checks": checks})
            else:
                self._answer_json(404, {"status": "not-found"})

        def log_message(self, *_: object) -> None:
            """Probes every second are not worth a line."""

        def _answer_json(self, status: int, body: object) -> None:
            self._answer(status, "application/json", json.dumps(body).encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Status
