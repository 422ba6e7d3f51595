# SPDX-License-Identifier: Apache-2.0
"""What asn1ct is to judge: flatten.py DUMP [FOLDER OUT]

Prints a line for each row of the table that has BER: "element kind code module type", of an event
"... callControlEvents delivered" too, the alternatives that it stands in. With FOLDER, ECMA-285's modules, the
types are theirs and stand in one module, OUT: without information objects, names that several
modules have numbered, a tagged CHOICE split in tag and body (IMPLICIT before one is what asn1ct
refuses). Types that the folder does not have are taken from asn1/ and named on standard error."""
import json
import os
import sys

from asn1text import Text


class Flattened:
    def __init__(self, theirs, ours):
        self.theirs, self.ours = theirs, ours
        self.names, self.wanted, self.out, self.borrowed = {}, [], {}, set()

    def name(self, text, of, name):
        """The name of a referenced type in the one module."""
        if text is self.theirs:
            found = text.find(of, name)
            if found is None:
                self.borrowed.add(name)
                text, found = self.ours, text_find(self.ours, name)
        else:
            found = text_find(text, name)
        if found is None:
            raise SystemExit("%s: neither ECMA-285's folder nor asn1/ has it" % name)
        if id(found) not in self.names:
            taken = sum(1 for n in self.names.values() if n == name or n.startswith(name + "-"))
            self.names[id(found)] = name if not taken else "%s-%d" % (name, taken)
            self.wanted.append((self.names[id(found)], text, found))
        return self.names[id(found)]

    def all(self):
        while self.wanted:
            name, text, of = self.wanted.pop()
            if of.kind == "CHOICE" and of.tags:
                self.out[name + "Body"] = self.bare(text, of)
                self.out[name] = "%s %sBody" % (marks(of.tags), name)
            else:
                self.out[name] = self.type(text, of)

    def type(self, text, of):
        if of.name and of.tags and of.tags[-1][2]:
            chain, _, inner, _ = text.flat(of)
            if inner and inner.kind == "CHOICE":  # the tag takes the place of the CHOICE's own
                self.name(text, of.module, of.name)
                holder = of
                while holder.name:
                    name, holder = self.name(text, holder.module, holder.name), text.find(holder.module, holder.name)
                return "[%s] %s%s" % (mark(chain[0]), name, "Body" if holder.tags else "")
        return " ".join(filter(None, (marks(of.tags), self.bare(text, of))))

    def bare(self, text, of):
        limits = "".join(" (%s)" % limit for limit in of.limits)
        if of.name:
            return self.name(text, of.module, of.name) + limits
        if of.item:
            return "%s%s OF %s" % (of.kind.split()[0], limits, self.type(text, of.item))
        if of.fields:
            return "%s { %s }" % (of.kind, ", ".join(self.field(text, f) for f in of.fields))
        if of.named:
            return "%s { %s }%s" % (of.kind, ", ".join("%s(%d)" % n for n in of.named.items()), limits)
        return of.kind + limits

    def field(self, text, field):
        end = " DEFAULT " + field.default if field.default else " OPTIONAL" if field.optional else ""
        return "%s %s%s" % (field.name, self.type(text, field.of), end)


def text_find(text, name):
    return next((m.types[name] for m in text.modules.values() if name in m.types), None)


def mark(tag):
    return {"U": "UNIVERSAL ", "A": "APPLICATION ", "P": "PRIVATE ", "C": ""}[tag[0]] + str(tag[1])


def marks(tags):
    return " ".join("[%s]%s" % (mark(tag), " IMPLICIT" if tag[2] else "") for tag in tags)


def paths(text):
    """{(category, tag): (alternative, alternative, module, type)}"""
    out = {}
    for category in text_find(text, "EventSpecificInfo").fields:
        for event in text.flat(category.of)[2].fields:
            out[category.of.tags[0][1], event.of.tags[0][1]] = (category.name, event.name, event.of.module,
                                                                event.of.name)
    return out


def plan(dump, text, type_of):
    events = paths(text)
    for row in dump["rows"]:
        if not row["encodings"] & 1:
            continue
        path = events.get((row["category"], row["tag"]), ())[:2]
        module, name = type_of(row) or (None, None)
        if module:
            print(row["element"], row["kind"], row["operation"], module, name, *path)


def ours_of(text):
    modules = {name: module.name for module in text.modules.values() for name in module.types}

    def type_of(row):
        return modules[row["value"]], row["value"]
    return type_of


def theirs_of(text, flattened):
    operations = {code: (module, argument, result) for module, code, _, argument, result in text.operations}
    events = paths(text)

    def type_of(row):
        if row["kind"] == "event":
            where = events.get((row["category"], row["tag"]), (None,) * 4)[2:]
        elif row["kind"] == "error":
            where = "CSTA-error-definition", "UniversalFailure"
        elif row["operation"] in operations:
            module, argument, result = operations[row["operation"]]
            where = module.name, result if row["kind"] == "response" else argument
        else:
            return None
        return ("REFERENCE", flattened.name(text, *where)) if where[1] else None
    return type_of


def main():
    dump = json.load(open(sys.argv[1], encoding="utf-8"))
    ours = Text("asn1")
    if len(sys.argv) == 2:
        plan(dump, ours, ours_of(ours))
        return
    theirs = Text(sys.argv[2])
    flattened = Flattened(theirs, ours)
    flattened.name(theirs, "CSTA-event-report-definitions", "CSTAEventReportArgument")
    plan(dump, theirs, theirs_of(theirs, flattened))
    flattened.all()
    with open(sys.argv[3], "w", encoding="utf-8") as module:
        name = os.path.splitext(os.path.basename(sys.argv[3]))[0]
        print("%s DEFINITIONS EXPLICIT TAGS ::= BEGIN" % name, file=module)
        for name, body in sorted(flattened.out.items()):
            print("%s ::= %s" % (name, body), file=module)
        print("END", file=module)
    if flattened.borrowed:
        print("from asn1/: %s" % " ".join(sorted(flattened.borrowed)), file=sys.stderr)


main()
