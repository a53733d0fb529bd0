"""The commands about the config, its secrets, and the machine that occ runs on."""
