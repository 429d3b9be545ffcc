"""Records of votes: how often voters agree, blocs, and charts."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
