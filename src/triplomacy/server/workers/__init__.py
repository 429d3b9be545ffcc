"""Queries of strangers, evaluated by workers that a template process forks; the scheduler in front of them."""
