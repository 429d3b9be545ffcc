"""The command line: options to calls, answers to standard output, remarks to standard error."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
