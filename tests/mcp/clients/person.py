#!/usr/bin/env -S python3 -B
"""A person at a browser: opens the address where a client wants to be allowed, logs in, allows.

    ERRAND_USER=… ERRAND_PASSWORD=… tests/mcp/clients/person.py URL

Prints the address that the browser is sent back to. It knows nothing of the page but what a browser knows: its forms.
"""

import html.parser
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


class Forms(html.parser.HTMLParser):
    """The forms of a page: where each goes, its fields, its buttons."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.button = [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            form = {"action": attributes.get("action", ""), "method": attributes.get("method", "get")}
            self.forms.append(form | {"fields": [], "types": {}, "buttons": []})
        elif self.forms and tag == "input":
            kind, name, value = attributes.get("type", "text"), attributes.get("name"), attributes.get("value", "")
            if kind == "submit":
                self.forms[-1]["buttons"].append((value, name, value))
            elif name and (kind != "checkbox" or "checked" in attributes):
                self.forms[-1]["fields"].append((name, value or ("on" if kind == "checkbox" else "")))
                self.forms[-1]["types"][name] = kind
        elif self.forms and tag == "button":
            self.button = (attributes.get("name"), attributes.get("value", ""))

    def handle_data(self, data):
        if self.button and data.strip():
            self.forms[-1]["buttons"].append((data.strip(), *self.button))
            self.button = None


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect that leaves the server is the end: there the client listens."""

    def __init__(self, origin):
        self.origin, self.left = origin, None

    def redirect_request(self, request, answer, code, message, headers, url):
        if not url.startswith(self.origin):
            self.left = url
            return None
        return super().redirect_request(request, answer, code, message, headers, url)


def allow(url, user, password):
    """Where the browser is sent when the person has logged in and allowed."""
    address = urllib.parse.urlsplit(url)
    stay = Stay(f"{address.scheme}://{address.netloc}/")
    browser = urllib.request.build_opener(stay, urllib.request.HTTPCookieProcessor())
    body = None
    for _ in range(5):
        try:
            page = browser.open(urllib.request.Request(url, body), timeout=30)
            text = page.read().decode()
        except urllib.error.HTTPError as error:
            if stay.left:
                return stay.left
            raise SystemExit(f"{url}: {error.code}\n{error.read().decode()}") from error
        form = wanted(Forms(text).forms, text)
        url, body = urllib.parse.urljoin(page.url, form["action"]), filled(form, user, password)
    raise SystemExit("the pages never end")


def wanted(forms, text):
    """The form that goes on."""
    for form in forms:
        if form["method"].lower() == "post":
            return form
    raise SystemExit(f"there is no form in:\n{text}")


def filled(form, user, password):
    """As a person would: their name, their password, and not the button that refuses."""
    secret = {"password": password}
    fields = []
    for name, value in form["fields"]:
        if form["types"][name] in ("text", "email"):
            value = user
        fields.append((name, secret.get(form["types"][name], value)))
    yes = [button for button in form["buttons"] if button[0].lower().split()[0] in ("allow", "log", "sign", "continue")]
    if not yes:
        raise SystemExit(f"no button goes on: {form['buttons']}")
    if yes[0][1]:
        fields.append(yes[0][1:])
    return urllib.parse.urlencode(fields).encode()


if __name__ == "__main__":
    print(allow(sys.argv[1], os.environ["ERRAND_USER"], os.environ["ERRAND_PASSWORD"]))
