"""Evaluation of a recipe: every family under every protocol, with nothing fitted on what is tested.

`protocols` divides the recordings, `classifier` is the interface of what is compared (`networks`, `baselines`), `job`
measures one fit, with `ranging` and `guided` for what is known of a user, and `benchmark` runs all jobs. What answers
say is `judged`, by `scores` and `cases`; `report`, `tables`, `plots` and `page` present results.
"""
