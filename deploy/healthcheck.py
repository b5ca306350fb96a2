"""Whether this container's process is ready, asked on the internal port of api or worker."""  # noqa: INP001 - run by its path

from __future__ import annotations

import http.client
import os
import sys

from chassis.settings import Settings

SECONDS = 3
OK = 200


def is_ready(port: int) -> bool:
    """Whether ``/readyz`` on this port says yes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == OK
    except OSError:
        return False
    finally:
        connection.close()


def main() -> int:
    """0 when one of the two answers: a container runs only one of them."""
    settings = Settings.from_env(os.environ["TEAHOUSE_SERVICE"])
    ports = (settings.api_internal_port, settings.worker_internal_port)
    return 0 if any(map(is_ready, ports)) else 1


if __name__ == "__main__":
    sys.exit(main())
