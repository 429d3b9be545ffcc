"""Claims as typed values: periods, evidence, tables of data, views derived by rules, the way back to evidence."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
