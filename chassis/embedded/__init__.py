"""MongoDB and a Kafka-protocol broker as child processes: no Docker, nothing to install."""
