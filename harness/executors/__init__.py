"""Where trials run: in this process, in worker processes, or on a Ray cluster.

An executor starts trials and hands back what became of them; it writes nothing and decides
nothing. `harness.executors.job` has the interface, `harness.executors.dispatch` what all share.
"""
