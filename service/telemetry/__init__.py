"""What whoever runs the service sees: logs, metrics, traces."""
