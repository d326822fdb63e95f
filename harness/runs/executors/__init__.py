"""Where trials run: in this process, in worker processes, or on a Ray cluster.

An executor starts trials and hands back what became of them; it writes nothing and decides
nothing. `harness.runs.executors.job` has the interface.
"""
