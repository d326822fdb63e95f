"""From stored numbers to judgement: paired effects, their intervals, and verdicts on claims."""
