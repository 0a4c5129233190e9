"""SageMaker pipelines, really executed: the definition schema 2020-12-01."""
