"""Claims as typed values: periods, evidence, tables of data, views derived by rules, the way back to evidence."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
