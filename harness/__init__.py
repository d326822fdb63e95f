"""The common evaluation: method contract, trials, probes, metrics, records, tables and figures."""
