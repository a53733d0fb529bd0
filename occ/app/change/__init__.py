"""The verbs that change a service: one sequence, and what each kind of operation asks for."""
