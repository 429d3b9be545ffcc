"""The public endpoint: SPARQL, linked data, stored queries and pages over HTTP, with nothing in it that writes.

One process speaks HTTP and evaluates no query of a stranger; a *template* process holds the graphs and forks workers,
which do, one at a time, and can be ended.
"""
