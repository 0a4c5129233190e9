"""Monitors of what an endpoint is asked and answers: a package that runs in a processing container by itself.

It needs Python 3.9 and numpy, boto3 to send metrics, and pandas to read Parquet; nothing of the rest of modelyard.
"""
