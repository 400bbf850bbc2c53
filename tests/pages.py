"""The report as its readers have it: texts, tables and headline numbers of one language."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """What stands in `<main lang=…>`: `figures` by key, `tables` by caption as lists of rows, `text`, `addresses`."""

    def __init__(self, html, language):
        super().__init__()
        self.figures, self.tables, self.text, self.ids, self.anchors, self.addresses = {}, {}, "", [], [], []
        self.language, self.here, self.figure, self.cell = language, False, None, None
        self.rows, self.caption, self.in_caption = [], "", False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.addresses += [given[name] for name in ("src", "href", "action", "poster", "data") if given.get(name)]
        if tag == "main":
            self.here = given["lang"] == self.language
        if not self.here:
            return
        self.ids += [given["id"]] if "id" in given else []
        self.anchors += [given["href"]] if tag == "a" else []
        self.figure = given.get("data-figure", self.figure)
        if tag == "table":
            self.rows, self.caption = [], ""
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = ""
        self.in_caption = tag == "caption" or self.in_caption

    def handle_endtag(self, tag):
        if not self.here:
            return
        if tag in ("td", "th"):
            self.rows[-1].append(" ".join(self.cell.split()))
            self.cell = None
        elif tag == "table":
            self.tables.setdefault(self.caption, self.rows)
        elif tag == "caption":
            self.in_caption = False
        elif tag == "b":
            self.figure = None

    def handle_data(self, data):
        if not self.here:
            return
        self.text += data
        if self.figure:
            self.figures[self.figure] = self.figures.get(self.figure, "") + data
        if self.cell is not None:
            self.cell += data
        if self.in_caption:
            self.caption += data
