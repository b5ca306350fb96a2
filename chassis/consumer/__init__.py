"""Events in: read from Kafka, applied once and in order per subject, mended by itself."""
