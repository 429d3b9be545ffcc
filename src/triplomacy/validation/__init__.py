"""Which checks run over what, and the findings in each form."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
