"""A project and its files; its graphs in memory, on disk or elsewhere."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
