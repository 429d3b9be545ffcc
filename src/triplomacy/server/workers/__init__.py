"""Who answers a stranger: a template that holds the graphs and forks workers, and the queue for them."""
