"""example.py <document> <language>: the first block of that language in a document."""

import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
sys.stdout.write(re.search(rf"^```{sys.argv[2]}\n(.*?)^```$", text, re.M | re.S).group(1))
