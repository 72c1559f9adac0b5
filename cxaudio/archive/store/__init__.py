"""Keep what is known of each recording in a ledger, and the rows of the judged calls in Parquet files.

Any process may be killed at any moment, and several may work on one store: nothing is lost, and nothing stands twice.
"""
