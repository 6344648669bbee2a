"""Evaluation of a recipe: every family under every protocol, with nothing fitted on what is tested.

`protocols` divides the recordings, `classifier` is the interface of what is compared (`networks`, `baselines`), `job`
measures one fit with `scores`, and `benchmark` runs all jobs; `report`, `tables`, `plots` and `page` present results.
"""
