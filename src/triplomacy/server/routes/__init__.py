"""What is asked: SPARQL, stored queries, documents, pages, descriptions."""
