"""Where the words of a report stand: on screen, in a real browser, and on paper. Points from the corner of the page."""
import html
import re
import subprocess

from browser import PROGRAM
from harness import Skip

RECTANGLES = r"""((number) => {
    const page = document.querySelectorAll(".rs .p")[number - 1], origin = page.getBoundingClientRect(), words = [];
    const walker = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.parentElement.closest("style"))
            continue;
        for (const match of node.data.matchAll(/\S+/g)) {
            const range = document.createRange();
            range.setStart(node, match.index);
            range.setEnd(node, match.index + match[0].length);
            const r = range.getBoundingClientRect();
            if (r.width)
                words.push([match[0], (r.left - origin.left) * .75, (r.top + r.bottom - 2 * origin.top) * .375]);
        }
    }
    return words;
})(%d)"""


def need_browser():
    if not PROGRAM:
        raise Skip("there is no chromium")


def words_on_screen(browser, number=1):
    """Word, left edge, middle of its height, of every word on one page of the report that the browser shows."""
    return browser.value(RECTANGLES % number)


def words_on_paper(path, number=1):
    """The same of a page of a PDF."""
    text = subprocess.run(["pdftotext", "-bbox", "-f", str(number), "-l", str(number), path, "-"], check=True, capture_output=True,
                          text=True).stdout
    words = re.findall(r'<word xMin="([^"]+)" yMin="([^"]+)" xMax="[^"]+" yMax="([^"]+)">([^<]*)</word>', text)
    return [(html.unescape(word), float(x), (float(top) + float(bottom)) / 2) for x, top, bottom, word in words]


def only_once(words):
    names = [word for word, *_ in words]
    return {word: place for word, *place in words if names.count(word) == 1}
