# SPDX-License-Identifier: Apache-2.0
"""Compare the table's XML with the schemas: children.py DUMP FOLDER DIFFERENCES

DUMP is what `build/tests/interop dump` prints, FOLDER has csta-ed3.xsd and csta-ed6.xsd. From every
element down, in both editions: names of children, their order, what text they hold, values of
enumerations. A difference that no line of DIFFERENCES excuses, and a line there that excuses
nothing, is a failure."""
import difflib
import json
import os
import sys

from excuses import finish
from schema import Schema

TEXTS = {"BOOLEAN": ("xs:boolean",), "BIT": ("xs:boolean",), "TRUTH": ("xs:boolean",),
         "INTEGER": ("xs:integer", "xs:long", "xs:int", "xs:short", "xs:nonNegativeInteger", "xs:positiveInteger",
                     "xs:unsignedInt"),
         "FLOAT": ("xs:float",), "HEX": ("xs:hexBinary",), "ANY_HEX": ("xs:hexBinary",),
         "STRING": ("xs:string", "xs:anyURI", "xs:language"), "MONITOR": ("xs:string",), "TIME": ("xs:dateTime", "xs:string"),
         "FIXED": ("xs:string", "xs:integer", "xs:boolean", "xs:long")}
KINDS = {"DEVICE": "attributed", "LOCAL_DEVICE": "attributed", "RAW": "mixed", "ANY_RAW": "mixed"}


class Comparison:
    def __init__(self, types, edition):
        self.types, self.edition, self.done = types, edition, set()
        self.differences, self.compared = [], 0

    def differ(self, where, what):
        self.differences.append("edition %d: %s: %s" % (self.edition, where, what))

    def type(self, identity, their, where):
        if (identity, id(their)) in self.done:
            return
        self.done.add((identity, id(their)))
        self.compared += 1
        mine = self.types[identity]
        shape = mine["shape"]
        if shape == "DESTINATIONS" and self.edition < 6:
            shape = "DEVICE"
        if their.kind == "elements":
            if shape in TEXTS or shape in KINDS or shape == "ENUMERATED":
                self.differ(where, "%s, the schema has elements" % shape)
            else:
                self.children(mine, their, where)
        elif their.kind == "enumerated":
            self.values(mine, their, where)
        elif their.kind == "text":
            if their.base not in TEXTS.get(shape, ()):
                self.differ(where, "%s, the schema has %s" % (shape, their.base))
        elif KINDS.get(shape) != their.kind:
            self.differ(where, "%s, the schema has %s" % (shape, "any XML" if their.kind == "mixed" else "attributes"))

    def children(self, mine, their, where):
        members = [m for m in mine["members"]
                   if self.edition >= m["edition"] and not (m["until"] and self.edition >= m["until"])]
        ours = {m["name"]: m for m in members}
        theirs = {p.name: p for p in their.particles}
        for name in theirs:
            if name not in ours:
                self.differ("%s.%s" % (where, name), "we have it not")
        for name in ours:
            if name not in theirs:
                self.differ("%s.%s" % (where, name), "the schema has it not")
        group = lambda name: ("choice", theirs[name].group) if theirs[name].group else name
        a = [m["name"] for m in members if m["name"] in theirs]
        b = [p.name for p in their.particles if p.name in ours]
        order = difflib.SequenceMatcher(None, [group(n) for n in a], [group(n) for n in b], False)
        for how, i, j, _, _ in order.get_opcodes():
            for name in a[i:j] if how in ("replace", "delete") else ():
                self.differ("%s.%s" % (where, name), "stands elsewhere in the schema")
        for name in set(a):
            inner = theirs[name].of
            self.type(ours[name]["of"], inner, inner.name if "." not in inner.name and inner.kind == "elements"
                      else "%s.%s" % (where, name))

    def values(self, mine, their, where):
        ours = {name for name, edition in mine["values"].items() if edition <= self.edition}
        if mine["shape"] != "ENUMERATED":
            self.differ(where, "%s, the schema has an enumeration" % mine["shape"])
            return
        for value in sorted(set(their.values) - ours):
            self.differ("%s=%s" % (where, value), "we have it not")
        for value in sorted(ours - set(their.values)):
            self.differ("%s=%s" % (where, value), "the schema has it not")


def main():
    dump = json.load(open(sys.argv[1], encoding="utf-8"))
    differences, said = [], []
    for edition in (3, 6):
        schema = Schema(os.path.join(sys.argv[2], "csta-ed%d.xsd" % edition))
        comparison = Comparison(dump["xml"], edition)
        rows = [row for row in dump["rows"] if row["encodings"] & 2 and row["kind"] != "session"
                and row["edition"] <= edition]
        for row in rows:
            if row["element"] in schema.elements:
                comparison.type(row["xml"], schema.elements[row["element"]], row["element"])
            else:
                comparison.differ(row["element"], "the schema has it not")
        differences += comparison.differences
        said.append("%d types of %d messages in edition %d" % (comparison.compared, len(rows), edition))
    finish(differences, sys.argv[3], ", ".join(said) + " compared", "says:")


main()
