"""Figures of tasks whose methods give clusters: what happens while they are trained."""

from harness.outputs.figures.language import charts as charts
