"""Pages for people: what a dataset holds, rendered as HTML that needs no script."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
