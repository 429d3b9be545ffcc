"""The public endpoint: SPARQL, linked data, stored queries and pages over HTTP, with nothing in it that writes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
