"""HTTP as a client and as a server know it: answers that are whole or an error, content negotiation."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
