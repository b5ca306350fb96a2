"""Backups: what every service stored at one moment, in a folder that proves itself whole.

A folder holds ``manifest.json`` and, for each service, a gzip file of BSON documents a
collection. Taking one locks nothing; services go on.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from bson import decode_file_iter
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import OperationFailure
from pymongo.write_concern import WriteConcern

from chassis.kernel.errors import Conflict, RuleBroken
from chassis.kernel.time import to_rfc3339
from chassis.settings import Settings

KIND, FORMAT = "teahouse-backup", 1
MANIFEST = "manifest.json"
BATCH = 1_000
GZIP_LEVEL = 1
SNAPSHOT_TOO_OLD = 239
OWNER_ONLY = 0o700
# No broker's id of a topic, so that every consumer takes the topic for another log.
REREAD = "restored"

Raw = RawBSONDocument
Progress = Callable[[str], None]
_RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)


class BackupUnsound(RuleBroken):
    """The folder is not a whole backup."""

    code = "backup-unsound"
    hint = "Use another backup: a file is missing, was changed or is not finished."
    chinese = "该备份不完整或已被改动，请使用其他备份。"


class BackupThere(Conflict):
    """A backup must not be written over something else."""

    code = "backup-there"
    hint = "Name a folder that does not exist yet."
    chinese = "目标文件夹已存在，请指定一个新的文件夹。"


class BackupTooSlow(RuleBroken):
    """MongoDB forgot the moment of the backup before it was read to its end."""

    code = "backup-too-slow"
    hint = "Raise mongod's minSnapshotHistoryWindowInSeconds beyond what a backup takes."
    chinese = "备份耗时超过快照保留时间，请调大 minSnapshotHistoryWindowInSeconds。"


class DatabaseNotEmpty(Conflict):
    """A restore must not destroy what is stored unless it is told to."""

    code = "database-not-empty"
    hint = "Say --replace to have what is there dropped, after a backup of it."
    chinese = "数据库不为空；如确认覆盖，请先备份，再加上 --replace。"


def take(
    settings: Mapping[str, Settings], folder: Path, *, now: datetime, progress: Progress
) -> dict[str, Any]:
    """Write what these services have stored into a new folder; answer its manifest.

    Each database is read as of one moment, all of one deployment as of the same. The folder
    appears when it is whole: until then it is called ``.part``, and what an earlier one that
    was broken off left there is cleared. It holds keys and is readable by its owner only.
    Raises ``BackupThere`` and ``BackupTooSlow``.
    """
    if folder.exists():
        raise BackupThere(f"{folder} is there already")
    part = folder.with_name(f"{folder.name}.part")
    if part.exists():
        shutil.rmtree(part)
    part.mkdir(mode=OWNER_ONLY, parents=True)
    services: dict[str, Any] = {}
    for uri, names in _by_deployment(settings).items():
        with MongoClient[Any](uri) as client, client.start_session(snapshot=True) as session:
            for service in names:
                services[service] = _take_service(
                    client, session, settings[service], part / service, progress
                )
    manifest = {
        "kind": KIND,
        "format": FORMAT,
        "at": to_rfc3339(now),
        "services": services,
    }
    (part / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    part.rename(folder)
    return manifest


def restore(
    settings: Mapping[str, Settings], folder: Path, *, replace: bool, progress: Progress
) -> dict[str, int]:
    """Put a backup's services back as they were; answer the incarnation each must start with.

    Every file is checked before anything is touched. A consumer then reads its topics from
    their start: what the backup has had already is dropped, what came after is taken in
    again. The higher incarnation keeps the others from taking new events for old ones.
    Indexes are made by ``teahouse prepare``. Stopped half way, run it again. Raises
    ``BackupUnsound`` and ``DatabaseNotEmpty``.
    """
    manifest = checked(folder, progress=progress)
    wanted = {name: settings[name] for name in manifest["services"] if name in settings}
    if not wanted:
        raise BackupUnsound(f"{folder} holds none of {', '.join(settings)}")
    incarnations = {}
    for service, known in wanted.items():
        said = manifest["services"][service]
        with MongoClient[Any](known.mongo_uri) as client:
            database = client.get_default_database()
            if database.list_collection_names() and not replace:
                raise DatabaseNotEmpty(f"{database.name} holds data")
            client.drop_database(database.name)
            for name, stored in said["collections"].items():
                progress(f"{service}.{name}")
                made = database.create_collection(name, **stored["options"])
                _fill(made, folder / service / f"{name}.bson.gz")
            database["inbox_topics"].update_many({}, {"$set": {"incarnation": REREAD}})
        incarnations[service] = max(said["incarnation"], known.incarnation) + 1
    return incarnations


def checked(folder: Path, *, progress: Progress) -> dict[str, Any]:
    """The manifest of a backup whose every file is as it was written; or ``BackupUnsound``."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as trouble:
        raise BackupUnsound(f"{folder} has no readable manifest: {trouble}") from trouble
    if (manifest.get("kind"), manifest.get("format")) != (KIND, FORMAT):
        raise BackupUnsound(f"{folder} is not a backup of format {FORMAT}")
    for service, said in manifest["services"].items():
        for name, stored in said["collections"].items():
            progress(f"checking {service}.{name}")
            path = folder / service / f"{name}.bson.gz"
            if not path.is_file() or _digest(path) != stored["sha256"]:
                raise BackupUnsound(f"{path} is missing or was changed")
    return manifest


def _by_deployment(settings: Mapping[str, Settings]) -> dict[str, list[str]]:
    """Services by whose client reads them: one for all that share hosts and credentials."""
    found: dict[str, list[str]] = {}
    known: dict[tuple[str, str], str] = {}
    for service, each in settings.items():
        before, _, after = each.mongo_uri.rpartition("/")
        uri = known.setdefault((before, after.partition("?")[2]), each.mongo_uri)
        found.setdefault(uri, []).append(service)
    return found


def _take_service(
    client: MongoClient[Any],
    session: ClientSession,
    settings: Settings,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    folder.mkdir(mode=OWNER_ONLY)
    database = client[_database_of(settings)]
    collections = {}
    listed = list(database.list_collections(filter={"type": "collection"}))
    for row in sorted(listed, key=lambda row: str(row["name"])):
        name = row["name"]
        if name.startswith("system."):
            continue
        progress(f"{settings.service}.{name}")
        path = folder / f"{name}.bson.gz"
        documents = database.get_collection(name, codec_options=_RAW).find({}, session=session)
        try:
            count = _write(path, documents)
        except OperationFailure as failure:
            if failure.code == SNAPSHOT_TOO_OLD:
                raise BackupTooSlow(f"{settings.service}.{name}: {failure}") from failure
            raise
        collections[name] = {
            "documents": count,
            "sha256": _digest(path),
            "options": row.get("options", {}),
        }
    return {
        "database": database.name,
        "incarnation": settings.incarnation,
        "collections": collections,
    }


def _database_of(settings: Settings) -> str:
    return settings.mongo_uri.rpartition("/")[2].partition("?")[0]


def _write(path: Path, documents: Iterable[Raw]) -> int:
    """Write documents one after the other, durably; answer how many."""
    count = 0
    with path.open("wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=GZIP_LEVEL, mtime=0) as packed:
            for document in documents:
                packed.write(document.raw)
                count += 1
        file.flush()
        os.fsync(file.fileno())
    return count


def _fill(made: Collection[Any], path: Path) -> None:
    durable = made.with_options(write_concern=WriteConcern("majority", j=True))
    with gzip.open(path, "rb") as packed:
        documents = decode_file_iter(cast("IO[bytes]", packed), codec_options=_RAW)
        for batch in _batches(documents):
            durable.insert_many(batch)


def _batches(documents: Iterable[Raw]) -> Iterator[list[Raw]]:
    batch: list[Raw] = []
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
