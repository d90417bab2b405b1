"""Programs that look suspicious and train well."""
