"""A record of votes: who agrees with whom how often, blocs, and charts of them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
