"""Programs that the doctor is judged on, each with the findings it must and may report."""
