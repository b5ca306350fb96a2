"""The machine's engine room: what every service stands on. It knows no service."""
