"""Claims as typed values, their periods and evidence, views derived from them by rules, and explanations."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
