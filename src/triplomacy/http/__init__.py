"""HTTP: a client whose responses are complete or an error, and content negotiation for client and server."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
