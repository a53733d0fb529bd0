"""Any sequence of commands, faults and meddling, on the app with its adapters in memory."""
