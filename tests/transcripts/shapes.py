"""What an answer has to be like, written as the texts print it: fields with their types, and values where the text gives them.

A dictionary wants its fields (others may be there), a list of one shape wants any number of such rows, a function decides by itself,
anything else is a value that must be just that.
"""

import datetime
import re


def text(value):
    return isinstance(value, str)


def integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def boolean(value):
    return isinstance(value, bool)


def array(value):
    return isinstance(value, list)


def some_object(value):
    return isinstance(value, dict)


def time(value):
    try:
        return text(value) and datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo is not None
    except ValueError:
        return False


def uuid(value):
    return text(value) and re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) is not None


def prefixed(prefix):
    def prefixed_uuid(value):
        return text(value) and value.startswith(prefix) and uuid(value[len(prefix):])
    return prefixed_uuid


def one_of(words):
    def word(value):
        return value in words.split("|")
    word.__name__ = words
    return word


def or_null(shape):
    def nullable(value):
        return value is None or not differences(shape, value)
    return nullable


def differences(shape, value, where="the answer"):
    """What is not as it should be, a sentence each."""
    if callable(shape):
        return [] if shape(value) else [f"{where} is no {shape.__name__}: {value!r}"]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{where} is no object: {value!r}"]
        missing = [f"{where} has no `{field}`" for field in shape if field not in value]
        there = [field for field in shape if field in value]
        return missing + [each for field in there for each in differences(shape[field], value[field], f"`{field}` of {where}")]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{where} is no array: {value!r}"]
        if len(shape) == 1:
            empty = [] if value else [f"{where} is empty"]
            return empty + [each for row in value for each in differences(shape[0], row, f"a row of {where}")]
        if len(shape) != len(value):
            return [f"{where} has {len(value)} rows, not {len(shape)}"]
        return [each for wanted, row in zip(shape, value) for each in differences(wanted, row, f"a row of {where}")]
    same = type(shape) is type(value) and shape == value
    return [] if same else [f"{where} is {value!r}, not {shape!r}"]
