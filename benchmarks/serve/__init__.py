"""Benchmarks of the service under load, beside a plain FastAPI service, and studies of its parts."""
