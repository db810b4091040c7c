"""What a run found out: `result.json`, outcomes of samples, comparisons of variants."""
