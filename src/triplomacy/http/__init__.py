"""HTTP as a client and as a server know it: answers that are whole or an error, content negotiation."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
