"""Any SPARQL 1.1 endpoint: what is asked of it, and what its responses say."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
