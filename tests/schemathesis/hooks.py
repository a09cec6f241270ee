"""Leaves out the cases that hang on what a schema cannot say: texts are counted when they are trimmed and cleaned of what does not show,
so one that is too long as it is sent may be short enough."""

import unicodedata

import schemathesis

UNSEEN = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb")


def cleaned(text):
    return "".join(c for c in text if c in "\t\n\r" or (unicodedata.category(c) != "Cc" and c not in UNSEEN)).strip()


def shrinks(value):
    """Whether a long text is in it that becomes shorter."""
    if isinstance(value, str):
        return len(value) > 50 and len(cleaned(value)) < len(value)
    if isinstance(value, dict):
        return any(shrinks(item) for item in value.values())
    return isinstance(value, list) and any(shrinks(item) for item in value)


@schemathesis.hook
def filter_case(context, case):
    return not shrinks(case.body)
