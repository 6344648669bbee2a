"""Adaptation of a model's answers to one user: few-shot examples, open-set rejection, online calibration. Pure
numpy."""
