"""A knowledge graph of diplomacy: who says what about whom, where a source says so, and since when.

>>> from triplomacy import dataset, queries
>>> project = dataset.find_project()
>>> graphs = dataset.load(project)
>>> query = queries.find(project, "who-recognises")
>>> answer = queries.run(graphs, queries.bind(query, {}))
>>> answer.columns[0]
'state'
"""

__version__ = "0.1.0"
