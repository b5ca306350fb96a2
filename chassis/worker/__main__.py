"""``python -m chassis.worker services.catalog.app``: run that module's worker."""

from __future__ import annotations

import importlib
import signal
import sys

from chassis import gate, logging, tracing
from chassis.worker.machine import Machine


def main(module_name: str) -> int:
    """Run until told to stop; 1 when a thread failed."""
    module = importlib.import_module(module_name)
    gate.wait()
    worker = module.create_worker()
    settings = worker.settings
    logging.configure(settings.service, version=settings.version, level=settings.log_level)
    tracing.configure(settings.service)
    machine = Machine(worker)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: machine.stop())
    machine.start()
    machine.wait()
    return 1 if machine.has_failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
