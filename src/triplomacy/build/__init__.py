"""A dataset written whole or not at all: as files, as a store on disk, and that store brought up to date."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
