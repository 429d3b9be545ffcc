"""The routes: SPARQL, stored queries, documents, pages, and the descriptions that they share."""
