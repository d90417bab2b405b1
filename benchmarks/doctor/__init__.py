"""How well the doctor tells faulty programs from healthy ones: recall, precision, false alarms."""
