"""Who may ask: connections, bounds on clients, responses and their cache, the log and the metrics."""
