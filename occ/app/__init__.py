"""Everything that occ can be asked to do: one method a verb. Nothing else builds adapters."""
