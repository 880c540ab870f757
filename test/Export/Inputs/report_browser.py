"""Opens reports in a browser, at three widths, light and dark, and compares what
they show with the schedules in them.

usage: report_browser.py BROWSER XCS-TRANSLATE OUT-FOLDER PROGRAM...
"""

import json
import os
import re
import subprocess
import sys

from browser import Browser

SIZES = [(1440, 900), (900, 1200), (390, 844)]
UNITS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
         "ms": 1, "s": 1e3, "min": 60e3, "h": 3600e3}
KINDS = ("generate", "embed", "score")


def check(holds, what):
    if not holds:
        raise SystemExit(f"{program}: {what}")


def read_figure(text):
    """The number that a text such as "≥ $0.0292", "12.4k" or "1.2 s" means."""
    match = re.fullmatch(r"(?:≥\s)?\$?([\d,.]+)\s?([a-zA-Z]*)", text)
    check(match, f"'{text}' is no figure")
    return float(match[1].replace(",", "")) * UNITS[match[2]]


def check_figures(shown, figures):
    """Every figure in the page is one of `figures`, rounded to three digits."""
    for field, value, text in shown:
        if field not in figures:
            check(value is None and text == "–", f"{field}: unknown, but shown as '{text}'")
            continue
        check(float(value) == figures[field], f"{field}: {value} is not {figures[field]}")
        error = abs(read_figure(text) - figures[field])
        check(error <= 0.0051 * abs(figures[field]), f"{field}: '{text}' is not {figures[field]}")
        check(text.startswith("≥") == (field in figures.get("at_least", [])), f"{field}: '{text}' and at least")


def get_figures(browser, selector):
    """Field, exact value and text of each figure in the elements."""
    return browser.run(f"""[...document.querySelectorAll({json.dumps(selector)})].map(
        node => [node.dataset.field, node.dataset.value ?? null, node.textContent])""")


def check_plan(browser, plan):
    calls = {task["id"] for task in plan["tasks"] if task["kind"] in KINDS}
    listed = browser.run("[...document.querySelectorAll('#call-list tr[id]')].map(row => row.id.slice(5))")
    check(set(listed) == calls and len(listed) == len(calls), "the list does not have each call once")
    drawn = browser.run("""[...document.querySelectorAll('#graph g.call')].reduce(
        (sum, node) => sum + +node.dataset.count, 0)""")
    check(drawn == len(calls), f"the graph has {drawn} calls of {len(calls)}")
    totals = plan["totals"]
    check("cost_usd" in totals or "unknown" in plan, "no cost, and nothing unknown")
    shown = get_figures(browser, "#figures [data-field]")
    check({"cost_usd", "worst_cost_usd", "latency_ms", "sequential_ms", "calls", "requests",
           "input_tokens", "output_tokens"} <= {field for field, *_ in shown}, "key figures are missing")
    check_figures(shown, totals)
    models = {row["model"]: row for row in plan.get("model_totals", [])}
    names = browser.run("[...document.querySelectorAll('#models [data-model]')].map(row => row.dataset.model)")
    check(sorted(names) == sorted(models), "the table does not have each model once")
    for name in names:
        check_figures(get_figures(browser, f"#models [data-model={json.dumps(name)}] [data-field]"), models[name])
    if models:
        check_figures(get_figures(browser, "#models [data-model-total] [data-field]"), totals)
    times = {task["id"]: task.get("timing", {}) for task in plan["tasks"]}
    path = [task for task in plan.get("critical_path", [])
            if times[task]["earliest_finish_ms"] > times[task]["earliest_start_ms"]]
    marked = browser.run("document.querySelectorAll('#timeline .critical').length")
    check(bool(path) <= marked <= len(path), "the timeline does not mark the critical path")
    return len(calls)


def check_choice(browser):
    """What is chosen shows its details, and Escape puts them away."""
    browser.run("document.querySelector('#call-list tr.pick td').click()")
    check(browser.run("!document.getElementById('chosen').hidden"), "a click shows no details")
    check(browser.run("document.querySelectorAll('#graph .chosen').length") >= 1, "the graph does not show what is chosen")
    browser.run("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}))")
    check(browser.run("document.getElementById('chosen').hidden"), "Escape does not close the details")


def check_filter(browser):
    browser.run("""(() => { const field = document.getElementById('filter'); field.value = 'no such call';
        field.dispatchEvent(new Event('input')); })()""")
    browser.run("new Promise(done => setTimeout(done, 500))")
    left = browser.run("document.querySelectorAll('#call-list tr[id]').length")
    check(left == 0, "the filter leaves what does not match")


def main():
    global program
    executable, translate, folder, *programs = sys.argv[1:]
    counts = []
    with Browser(executable) as browser:
        for program in programs:
            page = os.path.join(folder, os.path.basename(program) + ".html")
            subprocess.run([translate, "--xcs-to-report", program, "-o", page], check=True)
            for width, height in SIZES:
                for dark in (False, True):
                    browser.open(page, width, height, dark)
                    check(browser.run("document.documentElement.dataset.ready") == "yes", "the page is not ready")
                    needed = browser.run("document.documentElement.scrollWidth")
                    check(needed <= width, f"{needed} pixels wide on a screen of {width}")
                    check(not browser.complaints(), browser.complaints())
            data = json.loads(browser.run("document.getElementById('data').textContent"))
            for i, plan in enumerate(data["schedule"]["plans"]):
                if i:
                    browser.run(f"""(() => {{ const select = document.getElementById('plan'); select.value = {i};
                        select.dispatchEvent(new Event('change')); }})()""")
                counts.append(check_plan(browser, plan))
            if counts[-1]:
                check_choice(browser)
                check_filter(browser)
            check(not browser.complaints(), browser.complaints())
    print(f"{len(programs)} reports, the largest of {max(counts)} calls: every call and figure is shown")


main()
