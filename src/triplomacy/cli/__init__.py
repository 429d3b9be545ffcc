"""The command line: options to calls, answers to standard output, remarks to standard error."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
