"""Benchmarks and studies of the service, the link, streams, models, chips and the page."""
