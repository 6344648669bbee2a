"""Studies that take minutes to hours: run by hand, their results written into docs."""
