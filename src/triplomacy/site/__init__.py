"""The published graph: a folder of files that any web host can carry, with pages and data for every IRI of ours."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
