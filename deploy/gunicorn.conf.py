"""How every service's web process is served: one file for all, told apart by the environment.

``TEAHOUSE_SERVICE`` names the service; its settings give the two ports. With it set to
``catalog``: ``gunicorn -c deploy/gunicorn.conf.py 'services.catalog.app:create_app()'``.
"""  # noqa: INP001 - gunicorn reads it by its path

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from chassis import crash, gate, logging, memory, tracing
from chassis.settings import Settings

_settings = Settings.from_env(os.environ["TEAHOUSE_SERVICE"])
_host = os.environ.get("TEAHOUSE_BIND_HOST", "127.0.0.1")

bind = [f"{_host}:{_settings.api_port}", f"{_host}:{_settings.api_internal_port}"]
proc_name = f"teahouse-{_settings.service}-api"
worker_class = "chassis.gateway.GatewayWorker"
workers = int(os.environ.get("TEAHOUSE_WEB_WORKERS", "1"))
threads = int(os.environ.get("TEAHOUSE_WEB_THREADS", "8"))
backlog = 1024
keepalive = 5
forwarder_headers = ""  # nobody may say which path the request is for but its first line
timeout = 60
graceful_timeout = int(os.environ.get("TEAHOUSE_GRACEFUL_SECONDS", "25"))
# Clients of MongoDB and their threads do not survive a fork: each worker loads its own.
preload_app = False
# The default socket lies in the home folder, where several services of one user collide.
control_socket_disable = True
accesslog = None  # the chassis writes one line of JSON a request
loglevel = "warning"
if Path("/dev/shm").is_dir():  # noqa: S108 - where gunicorn's heartbeat never waits for a disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108 - as above


def post_fork(_server: object, worker: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Load the service, then wait at the gate before it is put together."""
    importlib.import_module(f"services.{_settings.service}.app")
    gate.wait(worker.tmp.notify)


def post_worker_init(_worker: object) -> None:
    """Begin to log and trace in this process, and settle what was loaded.

    What the start made is left out of every later garbage collection.
    """
    logging.configure(_settings.service, version=_settings.version, level=_settings.log_level)
    tracing.configure(_settings.service)
    memory.settle()


def child_exit(_server: object, _worker: object) -> None:
    """Let no master survive a worker that a test had killed."""
    crash.follow()
