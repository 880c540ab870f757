"""Checks a report page without a browser: it loads nothing, and what it holds is
the schedule of the same program, whatever that has in its texts.

usage: report_page.py XCS-TRANSLATE FOLDER
"""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

# Names and texts that would end a script element, begin a comment, or be markup.
HOSTILE = '</script><!--<img src=x onerror=alert(1)>&amp;"\u2028\u2029\u00e2\u20ac'
FILE = "a<b>&'c.mlir"


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.title = self.data = self.code = ""
        self.policy = None
        self.open = None
        self.elements = []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        self.open = "data" if attributes.get("id") == "data" else tag
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]

    def handle_endtag(self, _):
        self.open = None

    def handle_data(self, text):
        if self.open == "title":
            self.title += text
        elif self.open == "data":
            self.data += text
        elif self.open in ("script", "style"):
            self.code += text


def main():
    translate, folder = sys.argv[1:]
    program = os.path.join(folder, FILE)
    quoted = HOSTILE.replace('"', '\\"')
    with open(program, "w", encoding="utf-8") as file:
        file.write("!text = !xcs_llm.text\n"
                   "func.func @f(%a: !text) -> (!text, !text) {\n"
                   f'  %t = xcs_llm.text "{quoted}"\n'
                   f'  %r = xcs_llm.generate "{quoted}" (system %t, user %a) : !text\n'
                   "  return %r, %t : !text, !text\n}\n")

    def run(*arguments):
        done = subprocess.run([translate, *arguments, program], check=True, capture_output=True)
        return done.stdout.decode("utf-8")

    text = run("--xcs-to-report")
    page = Page()
    page.feed(text)
    data = json.loads(page.data)
    assert data["schedule"] == json.loads(run("--xcs-to-schedule"))
    assert data["schedule"]["texts"] == [HOSTILE]
    assert data["before"] is None and data["rewrites"] == []
    assert page.title == FILE, page.title
    assert page.policy == "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    for tag, attributes in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form"), tag
        loading = {"src", "href", "srcset", "action", "data", "poster"} & set(attributes)
        assert not loading, (tag, loading)
        assert not [name for name in attributes if name.startswith("on")], attributes
    assert sum(tag == "script" for tag, _ in page.elements) == 2
    assert not re.search(r"url\((?!#)|@import|\bfetch\(|XMLHttpRequest|import\(|innerHTML", page.code.replace("url(#${", "url(#"))
    addresses = set(re.findall(r"https?://[^'\"\s]*", page.code))
    assert addresses == {"http://www.w3.org/2000/svg"}, addresses
    for raw in ("\u2028", "\u2029", "<"):
        assert raw not in page.data
    print("the page loads nothing, and holds the schedule")


main()
