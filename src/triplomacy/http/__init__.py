"""What is asked over HTTP and how answers are read: a client whose answers are whole or an error; content negotiation."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
