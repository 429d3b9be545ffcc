"""Tests of the reader of SPARQL and of all that is told from the tree of a query."""
