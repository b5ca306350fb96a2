"""A service's api as gunicorn serves it, with a key that a benchmark signs tokens with."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil
from joserfc import jwt
from joserfc.jwk import OKPKey

from chassis.auth import ALGORITHM, TYPE
from chassis.embedded.ports import free_port, is_answering
from chassis.embedded.process import ChildProcess
from chassis.kernel.ids import from_int

KEY_VARIABLE = "BENCH_PUBLIC_KEY"
KID = "bench"
START_SECONDS = 60


class Served(NamedTuple):
    """A running api: its port, its process, and the key it believes."""

    service: str
    port: int
    pid: int
    key: OKPKey

    def headers(self, organization_id: str, kind: str) -> dict[str, str]:
        """Those of a caller who acts for an organisation of this kind."""
        claims = {
            "iss": "teahouse-identity",
            "aud": self.service,
            "sub": from_int("usr", 1),
            "org": organization_id,
            "kind": kind,
            "roles": ["owner"],
            "exp": int(time.time()) + 3600,
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": KID}
        token = jwt.encode(header, claims, self.key, algorithms=[ALGORITHM])
        return {"Authorization": f"Bearer {token}"}

    def used(self) -> float:
        """Seconds of the processor that the api has used, all its processes together."""
        master = psutil.Process(self.pid)
        times = [each.cpu_times() for each in (master, *master.children(recursive=True))]
        return float(sum(each.user + each.system for each in times))


@contextmanager
def served(
    service: str, app: str, uri: str, environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """The api of a service, made by ``app``, over the database at ``uri``."""
    key = OKPKey.generate_key("Ed25519", parameters={"kid": KID, "alg": ALGORITHM})
    prefix, port = service.upper(), free_port()
    with TemporaryDirectory(prefix="teahouse-bench-") as folder:
        api = ChildProcess(
            "api",
            [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", app],
            log=Path(folder) / "api.log",
            environment={
                "TEAHOUSE_SERVICE": service,
                f"{prefix}_MONGO_URI": uri,
                f"{prefix}_API_PORT": str(port),
                f"{prefix}_API_INTERNAL_PORT": str(free_port()),
                KEY_VARIABLE: json.dumps(key.as_dict(private=False)),
                **(environment or {}),
            },
        )
        api.start()
        try:
            api.wait_until(lambda: is_answering(port), within_seconds=START_SECONDS)
            yield Served(service, port, api.pid or 0, key)
        finally:
            api.stop()
