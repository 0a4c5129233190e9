"""AutoML, really searched: data prepared, candidates trained, the best of them ready to be served."""
