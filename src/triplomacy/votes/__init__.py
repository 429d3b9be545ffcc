"""A record of votes: who agrees with whom how often, blocs, and charts of them."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
