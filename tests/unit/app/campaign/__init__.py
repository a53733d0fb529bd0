"""One long run of the app in memory, the same to the last bit wherever and whenever it is made.

What it writes down is compared with `tests/golden/campaign.txt`, and that of the scenes with
forget with `tests/golden/campaign-forget.txt`. Whoever means to change what occ does records the
files anew, and reads what differs:

    python -m tests.unit.app.campaign > tests/golden/campaign.txt
    python -m tests.unit.app.campaign forget > tests/golden/campaign-forget.txt
"""
