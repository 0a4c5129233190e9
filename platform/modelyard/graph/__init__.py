"""The resources of an environment as a graph, and its drawings."""
