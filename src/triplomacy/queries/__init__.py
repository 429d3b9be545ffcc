"""Stored and typed questions, from words to an answer in any form."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
