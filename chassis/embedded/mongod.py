"""A real mongod as a one-node replica set, so that transactions and change streams work."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from chassis.embedded.binaries import mongod_binary
from chassis.embedded.ports import HOST, is_answering, is_free
from chassis.embedded.process import ChildProcess
from chassis.embedded.trouble import port_taken

PORT_TAKEN = 48
NOT_YET_INITIATED = 94
# Alone in its set, it need not wait ten seconds for others before it elects itself.
ELECTION_MILLISECONDS = 500
LEAST_CACHE_GIB = 0.25  # the least that mongod takes


class MongodOptions(NamedTuple):
    """How a mongod runs: ``cache_gib`` of memory for data.

    It can be read as it was ``history_seconds`` ago and writes everything out each
    ``checkpoint_seconds``; files of what was dropped stay for both together.
    ``test_commands`` allows fail points; never set it where data matters. Without ``expires``
    it deletes no row by its age, which is right where clocks stand in the past.
    """

    cache_gib: float = LEAST_CACHE_GIB
    history_seconds: int = 300
    checkpoint_seconds: int = 60
    test_commands: bool = False
    expires: bool = True


DEFAULT = MongodOptions()


class Mongod:
    """mongod on 127.0.0.1 with its data in ``folder``; what was acknowledged survives ``kill``."""

    def __init__(
        self, folder: Path, *, port: int, log: Path, options: MongodOptions = DEFAULT
    ) -> None:
        self.folder = folder
        self.port = port
        binary = mongod_binary(folder.parent / "bin")
        command = [
            *(str(binary), "--dbpath", str(folder), "--bind_ip", HOST, "--port", str(port)),
            *(
                "--replSet",
                "rs0",
                "--oplogSize",
                "512",
                "--wiredTigerCacheSizeGB",
                str(options.cache_gib),
            ),
            *("--wiredTigerEngineConfigString", _PATIENT_EVICTION),
            *("--nounixsocket", "--quiet", "--syncdelay", str(options.checkpoint_seconds)),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            # Whoever is killed in a transaction locks what it wrote for so long; default 60.
            *("--setParameter", "transactionLifetimeLimitSeconds=10"),
            *("--setParameter", f"minSnapshotHistoryWindowInSeconds={options.history_seconds}"),
            *("--setParameter", f"enableTestCommands={int(options.test_commands)}"),
            *("--setParameter", f"ttlMonitorEnabled={str(options.expires).lower()}"),
        ]
        self.process = ChildProcess("mongod", command, log=log, environment=_FEW_ARENAS)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def uri(self, database: str = "") -> str:
        """What a service is given as ``..._MONGO_URI``."""
        return mongo_uri(HOST, self.port, database)

    def start(self, *, within_seconds: float = 60) -> None:
        """Start and wait until it accepts writes; ``CannotStart`` says why it does not."""
        self.launch()
        self.process.wait_until(self.is_ready, within_seconds=within_seconds)

    def launch(self) -> None:
        """Start without waiting; ``is_ready`` must be polled, for it founds the set."""
        if not is_free(self.port):
            raise port_taken("mongod", self.port)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process.start()

    def is_ready(self) -> bool:
        """Whether it accepts writes; founds the replica set on first call of a new one."""
        if self.process.exit_code == PORT_TAKEN:
            raise port_taken("mongod", self.port)
        if not is_answering(self.port):
            return False
        try:
            with self.client(direct=True, timeout_ms=2_000) as client:
                return self._is_primary(client)
        except PyMongoError:
            return False

    def client(self, *, direct: bool = False, timeout_ms: int = 10_000) -> MongoClient[Any]:
        """A client of its own for whoever needs one; close it after use."""
        return MongoClient(
            HOST,
            self.port,
            directConnection=direct,
            replicaSet=None if direct else "rs0",
            serverSelectionTimeoutMS=timeout_ms,
            uuidRepresentation="standard",
            tz_aware=True,
        )

    def kill(self) -> None:
        """End it as a power cut does; ``start`` recovers from the journal."""
        self.process.kill()

    def stop(self) -> None:
        self.process.stop(grace_seconds=20)

    def erase(self) -> None:
        """Delete all data of a stopped mongod."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _is_primary(self, client: MongoClient[Any]) -> bool:
        try:
            status = client.admin.command("replSetGetConfig")
        except OperationFailure as error:
            if error.code != NOT_YET_INITIATED:
                raise
            client.admin.command("replSetInitiate", self._set_of_one())
            return False
        if status["config"]["members"][0]["host"] != self.address:
            # The data was last served on another port: the set still names that one.
            moved = {**self._set_of_one(), "version": status["config"]["version"] + 1}
            client.admin.command("replSetReconfig", moved, force=True)
            return False
        return bool(client.admin.command("hello")["isWritablePrimary"])

    def _set_of_one(self) -> dict[str, Any]:
        return {
            "_id": "rs0",
            "members": [{"_id": 0, "host": self.address}],
            "settings": {"electionTimeoutMillis": ELECTION_MILLISECONDS},
        }


def mongo_uri(host: str, port: int, database: str) -> str:
    """How a client names one database of a one-node replica set."""
    return f"mongodb://{host}:{port}/{database}?replicaSet=rs0"


# Of a small cache a fifth may be dirty before writers have to clean it up: in a long run of
# writes, all the time. A checkpoint writes all of it anyway; the journal keeps what is
# acknowledged.
_PATIENT_EVICTION = ",".join(
    (
        *("eviction_dirty_target=40", "eviction_dirty_trigger=60"),
        *("eviction_updates_target=30", "eviction_updates_trigger=50"),
    )
)

# glibc gives each thread an arena of its own, which costs memory and gains nothing here.
_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
