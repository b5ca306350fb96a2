"""Apache Kafka itself, one KRaft node from its jars, with the same handles as ``Tansu``."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from chassis.embedded.broker import answers_kafka
from chassis.embedded.ports import HOST, free_port, is_answering, is_free
from chassis.embedded.process import ChildProcess
from chassis.embedded.trouble import CannotStart, port_taken

CLUSTER = "dGVhaG91c2UtdGVzdC0wMQ"  # any 16 bytes in base 64: there is one cluster only
FETCH_SECONDS = 600
FORMAT_SECONDS = 60
SMALL_HEAP = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
JAVA_NEEDED = 17


class ApacheKafka:
    """One broker and controller in one JVM; unlike Tansu it keeps its log in ``folder``.

    ``jars`` is a folder that ``fetch_jars`` filled. ``advertised_port`` is where clients
    are sent, for a proxy in between.
    """

    def __init__(
        self, folder: Path, *, jars: Path, port: int, log: Path, advertised_port: int | None = None
    ) -> None:
        self.folder = folder
        self.port = port
        self._advertised_port = advertised_port or port
        self._controller_port = free_port()
        self._java = ["java", *SMALL_HEAP, "-cp", f"{jars}/*"]
        command = [*self._java, _LOG_LEVEL, "kafka.Kafka", str(self._properties)]
        self.process = ChildProcess("broker", command, log=log)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def start(self, *, within_seconds: float = 60) -> None:
        self.launch()
        self.process.wait_until(self.is_ready, within_seconds=within_seconds)

    def launch(self) -> None:
        if not is_free(self.port):
            raise port_taken("broker", self.port)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(self._configuration(), encoding="utf-8")
        self._format()
        self.process.start()

    def is_ready(self) -> bool:
        return is_answering(self.port) and answers_kafka(self.address)

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        self.process.stop(grace_seconds=20)

    def erase(self) -> None:
        """Delete the log of a stopped broker."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def wipe(self) -> None:
        self.kill()
        self.erase()
        self.start()

    def _format(self) -> None:
        command = [
            *(*self._java, _LOG_LEVEL, "kafka.tools.StorageTool", "format"),
            *("--cluster-id", CLUSTER, "--config", str(self._properties), "--ignore-formatted"),
        ]
        done = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, timeout=FORMAT_SECONDS, check=False
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout)[-600:]
            raise CannotStart(
                f"Apache Kafka could not format {self.folder}: {said}",
                code="kafka-format",
                fix=f"delete {self.folder} and try again",
                chinese=f"Apache Kafka 无法初始化目录 {self.folder}，请删除后重试。",
            )

    def _configuration(self) -> str:
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{HOST}:{self._controller_port}",
            "listeners": (
                f"PLAINTEXT://{HOST}:{self.port},CONTROLLER://{HOST}:{self._controller_port}"
            ),
            "advertised.listeners": f"PLAINTEXT://{HOST}:{self._advertised_port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self.folder / "log"),
            "auto.create.topics.enable": "false",
            "num.partitions": "3",
            "offsets.topic.num.partitions": "3",
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            # Tests declare a silent member dead sooner than the six seconds Kafka insists on.
            "group.min.session.timeout.ms": "1000",
        }
        return "".join(f"{name}={value}\n" for name, value in lines.items())


_LOG_LEVEL = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"


def fetch_jars(pom: Path, folder: Path) -> Path:
    """Have Maven put Kafka's jars into ``folder``, once; answer the folder.

    Raises ``CannotStart`` in one line where Java or Maven is missing or nothing can be
    fetched.
    """
    for program, package in (("java", "openjdk-17-jre-headless"), ("mvn", "maven")):
        if shutil.which(program) is None:
            raise _lacking(program, package)
    if any(folder.glob("kafka_*.jar")):
        return folder
    command = [
        *("mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"),
        f"-DoutputDirectory={folder}",
    ]
    done = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
    )
    if done.returncode != 0:
        raise CannotStart(
            f"Maven could not fetch Apache Kafka: {done.stdout[-600:]}",
            code="kafka-jars",
            fix="check that Maven reaches its repository (settings.xml), then try again",
            chinese="Maven 无法下载 Apache Kafka，请检查 Maven 仓库配置（settings.xml）后重试。",
        )
    return folder


def _lacking(program: str, package: str) -> CannotStart:
    return CannotStart(
        f"testing with Apache Kafka needs `{program}`, which is not on PATH",
        code="java-missing",
        fix=f"apt-get install -y {package} (Java {JAVA_NEEDED} or later)",
        chinese=f"使用 Apache Kafka 测试需要 {program}，请运行 `apt-get install -y {package}`。",
    )
