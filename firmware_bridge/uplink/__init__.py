"""Uplink from the bridge to the service: numbering, buffering and acknowledging frames."""
