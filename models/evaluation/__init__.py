"""How far a recipe carries, measured: every family under every protocol, nothing fitted on what is tested.

`protocols` says what is learned from and tested, `contender` what is compared (`networks`, `baselines`), `unit`
measures one fit with `scores`, `benchmark` all of them; `report`, `tables`, `plots` and `page` show what was found.
"""
