from . import countries as countries, provenance as provenance, unvotes as unvotes
