"""explained.py <schema> <document>: each field and each value that the schema names stands in
the document, outside its examples, as code."""

import json
import re
import sys

schema = json.load(open(sys.argv[1]))
text = open(sys.argv[2], encoding="utf-8").read()
text = re.sub(r"^```\w+\n.*?^```$", "", text, flags=re.M | re.S)
explained = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", text))))


def names(node):
    if isinstance(node, dict):
        yield from node.get("properties", {})
        yield from (value for value in node.get("enum", []) if isinstance(value, str))
        for value in node.values():
            yield from names(value)
    elif isinstance(node, list):
        for value in node:
            yield from names(value)


missing = sorted(set(names(schema)) - explained)
if missing:
    sys.exit("docs/ScheduleFormat.md must explain " + ", ".join(missing))
