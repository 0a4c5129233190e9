"""Really does the work of SageMaker's jobs, pipelines and endpoints, in subprocesses."""
