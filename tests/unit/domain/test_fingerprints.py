"""Which secrets have changed, told from fingerprints."""

from occ.domain.secrets.fingerprints import compared, sentences

BEFORE = {"SAME": "k1:a", "CHANGED": "k1:a", "GONE": "k1:a", "UNKNOWN": "k1:a"}
NOW = {"SAME": "k1:a", "CHANGED": "k1:b", "NEW": "k1:a", "UNKNOWN": "k2:a"}


def test_another_value_is_changed_and_another_key_is_unknown() -> None:
    assert compared(BEFORE, NOW) == {
        "CHANGED": "changed",
        "GONE": "gone",
        "NEW": "new",
        "SAME": "same",
        "UNKNOWN": "unknown",
    }
    assert compared({}, {}) == {}


def test_people_are_told_of_all_but_the_same() -> None:
    assert list(sentences(compared(BEFORE, NOW), "version 2")) == [
        "secrets changed since version 2: CHANGED",
        "secrets new since version 2: NEW",
        "secrets no longer there since version 2: GONE",
        "under another key, unknown whether changed since version 2: UNKNOWN",
    ]
    assert list(sentences({"A": "same"}, "version 2")) == []
