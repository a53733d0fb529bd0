"""Print the campaign, or with the word `forget` the scenes with forget."""

import sys

from tests.unit.app.campaign.book import BOOKS, written

if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else "campaign"
    sys.stdout.buffer.write(written(BOOKS[name]).encode())
