"""The text of a query, and all that is told from it: services, scopes, bound terms, patterns, dependencies, pages."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
