"""Any SPARQL 1.1 endpoint: what is asked of it, and what its responses say."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
