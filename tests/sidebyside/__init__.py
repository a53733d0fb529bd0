"""A bad update in four ways side by side, and what a rehearsal costs a good one."""
