"""Records of votes: agreement of voters, blocs, comparison with claims, and charts."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
