"""What is wrong with a site that was built: links that lead nowhere, and what would be loaded from another host."""

import re
from html import unescape
from urllib.parse import unquote, urlsplit

TAG = re.compile(r"<(script|link|img|iframe|source|a)\b[^>]*?\s(?:src|href)=\"([^\"]*)\"")
NAMED = re.compile(r"\s(?:id|name)=\"([^\"]*)\"")
LOADED_BY_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')]*)")


def faults(folder):
    """One sentence for each fault of the pages and style sheets in a folder."""
    texts = {path.resolve(): path.read_text() for path in sorted(folder.rglob("*.html"))}
    names = {path: set(map(unescape, NAMED.findall(text))) for path, text in texts.items()}
    found = [fault for path, text in texts.items() for fault in _faults_of(path, text, names)]
    for path in sorted(folder.rglob("*.css")):
        found += [f"{path.name} loads {url}" for url in LOADED_BY_STYLE.findall(path.read_text())]
    return found


def _faults_of(page, text, names):
    for tag, link in TAG.findall(text):
        where = urlsplit(unescape(link))
        if where.scheme == "data" or (tag == "a" and (where.scheme or where.netloc)):
            continue
        if where.scheme or where.netloc:
            yield f"{page.name} loads {link}"
            continue
        target = (page.parent / unquote(where.path)).resolve() if where.path else page
        anchor = unquote(where.fragment)
        if not target.exists():
            yield f"{page.name} links to {link}, which does not exist"
        elif anchor and target in names and anchor not in names[target]:
            yield f"{page.name} links to {link}, a place that the page does not have"
