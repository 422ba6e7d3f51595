# SPDX-License-Identifier: Apache-2.0
"""Documents made from the schemas, and what became of them:
    documents.py make DUMP FOLDER OUT          a document a line
    documents.py judge DOCUMENTS BACK DIFFERENCES   BACK is what `build/tests/interop read` says of them

Each message of each edition: with all its children, with those that must be, with each optional one
alone; alternatives, values and attributes take turns. It must be read without a deviation and
written again as the same XML. A difference that no line of DIFFERENCES excuses, and a line there
that excuses nothing, is a failure."""
import difflib
import json
import os
import sys
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

from excuses import finish
from schema import Schema

TURNS = 14      # documents with all and with least, each with other alternatives and values
DEPTH = 9       # of generated elements: some types hold themselves
TEXT = {"xs:boolean": ("true", "true", "false"), "xs:float": ("7", "0"), "xs:hexBinary": ("4A5B", "00", "FF"),
        "xs:dateTime": ("2026-11-22T07:00:01Z",), "xs:language": ("en",), "xs:anyURI": ("urn:x",),
        "xs:string": ("2001", "a b", "tel:+4989")}
STANDARD = {"typeOfNumber": "dialingNumber", "privateNumber": "false", "privateName": "false"}


class Maker:
    def __init__(self, schema):
        self.schema, self.turn, self.least = schema, 0, False

    def pick(self, values):
        return values[self.turn % len(values)]

    def text(self, of):
        if of.kind == "enumerated":
            return self.pick(of.values)
        return self.pick(TEXT.get(of.base, ("7", "0", "100")))

    def attributes(self, of):
        out = []
        for name, kind in of.attributes.items():
            if self.least or (self.turn + len(name)) % 3 == 0 and name != "typeOfNumber":
                continue
            out.append(' %s="%s"' % (name, "voice data" if kind == "list" else self.text(kind)))
        # What a DeviceID says of its media hangs on its class.
        return "".join(out) if any("mediaClass" in a for a in out) else "".join(
            a for a in out if a.split("=")[0].strip() in STANDARD)

    def element(self, name, of, depth, alone=None):
        if of.kind == "mixed":
            return '<%s><x xmlns="urn:x">1</x></%s>' % (name, name)
        if of.kind == "attributed":
            return "<%s%s>2001</%s>" % (name, self.attributes(of), name)
        inner = escape(self.text(of)) if of.kind != "elements" else self.children(of, depth, alone)
        return "<%s>%s</%s>" % (name, inner, name)

    def children(self, of, depth, alone):
        out, chosen = [], {}
        if of.name == "ConnectionID":  # that each stands once is lost in the rebuilt schemas
            return "".join(self.element(p.name, p.of, depth + 1) for p in of.particles)
        for particle in of.particles:
            chosen.setdefault(particle.group, []).append(particle)
        for particle in of.particles:
            if particle.group and particle is not self.pick(chosen[particle.group]) and particle is not alone:
                continue
            if alone and particle.group == alone.group and particle.group and particle is not alone:
                continue
            wanted = particle is alone or particle.guessed or not (self.least or alone)
            if particle.optional and not wanted and not particle.group:
                continue
            if depth >= DEPTH and particle.optional:
                continue
            one = self.element(particle.name, particle.of, depth + 1)
            out.append(one * (2 if particle.many and self.turn % 2 and not self.least else 1))
        return "".join(out)

    def document(self, name, of, alone=None):
        text = self.element(name, of, 0, alone)
        return text.replace("<%s" % name, '<%s xmlns="%s"' % (name, self.schema.namespace), 1)

    def documents(self, name, of):
        out = []
        for self.turn in range(TURNS):
            for self.least in (False, True):
                out.append(self.document(name, of))
        self.least = True
        for self.turn, particle in enumerate(of.particles):
            if particle.optional and not particle.guessed:
                out.append(self.document(name, of, particle))
        return dict.fromkeys(out)


def make(dump_path, folder, out_path):
    rows = [row for row in json.load(open(dump_path, encoding="utf-8"))["rows"] if row["encodings"] & 2]
    known = {row["element"] for row in rows if row["kind"] != "session"}
    with open(out_path, "w", encoding="utf-8") as out:
        for edition in (3, 6):
            schema = Schema(os.path.join(folder, "csta-ed%d.xsd" % edition))
            for name in sorted(known & set(schema.elements)):
                for document in Maker(schema).documents(name, schema.elements[name]):
                    print(document, file=out)


class Judge:
    def __init__(self):
        self.differences, self.documents, self.clean = {}, 0, True

    def differ(self, document, what):
        self.clean = False
        edition = document.split("/csta/ed", 1)[1][0]
        self.differences.setdefault("edition %s: %s" % (edition, what), document)

    def one(self, document, answer):
        self.documents += 1
        said, back = answer.split(" ", 1)
        before = ElementTree.fromstring(document)
        name = local(before)
        if said == "!":
            self.differ(document, "%s: refused: %s" % (name, back))
            return
        self.clean = True
        self.same(before, ElementTree.fromstring(back.encode()), document, name)
        for deviation in said.split(",") if self.clean else ():  # else it is said already, by name
            if deviation != "-":
                self.differ(document, "%s: deviation %s" % (name, deviation))

    def same(self, a, b, document, where):
        attributes = lambda node: {k: v for k, v in node.attrib.items() if STANDARD.get(k) != v}
        if attributes(a) != attributes(b):
            self.differ(document, "%s: attributes %s become %s" % (where, attributes(a), attributes(b)))
        if len(a) == 0 and len(b) == 0 and (a.text or "") != (b.text or ""):
            self.differ(document, "%s: %s becomes %s" % (where, a.text, b.text))
        mine, their = [local(child) for child in b], [local(child) for child in a]
        for how, i, j, k, l in difflib.SequenceMatcher(None, their, mine, False).get_opcodes():
            if how == "equal":
                for x, y in zip(a[i:j], b[k:l]):
                    self.same(x, y, document, "%s/%s" % (local(a), local(x)))
                continue
            for child in a[i:j]:
                if child.text != "false":  # a bit that is not set is left out
                    self.differ(document, "%s/%s: lost" % (local(a), local(child)))
            for child in b[k:l]:
                self.differ(document, "%s/%s: made up" % (local(a), local(child)))


def local(node):
    return node.tag.rsplit("}", 1)[-1]


def judge(documents_path, back_path, excuses):
    judging = Judge()
    documents = open(documents_path, encoding="utf-8").read().splitlines()
    answers = open(back_path, encoding="utf-8").read().splitlines()
    if len(documents) != len(answers):
        raise SystemExit("%d documents, %d answers" % (len(documents), len(answers)))
    for document, answer in zip(documents, answers):
        judging.one(document, answer)
    if os.environ.get("V"):
        for what, document in judging.differences.items():
            print("%s\n    %s" % (what, document))
    finish(list(judging.differences), excuses, "%d documents read and written again" % judging.documents, "reads:")


{"make": make, "judge": judge}[sys.argv[1]](*sys.argv[2:])
