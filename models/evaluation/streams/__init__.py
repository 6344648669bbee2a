"""Continuous streams made of recorded episodes: words and sentences as a wearer would sign them, with the truth beside
them. The letters are real, the joins between them are synthetic (docs/stream-benchmark.md)."""
