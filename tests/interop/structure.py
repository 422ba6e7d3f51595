# SPDX-License-Identifier: Apache-2.0
"""Compare asn1/ with ECMA-285's own modules: structure.py DUMP FOLDER DIFFERENCES

DUMP is what `build/tests/interop dump` prints, FOLDER has the standard's modules. From every
operation, event and the error down: tags as they stand on the wire, names, order, OPTIONAL and
DEFAULT, values, bits, limits. A difference that no line of DIFFERENCES excuses, and a line there
that excuses nothing, is a failure."""
import csv
import difflib
import json
import os
import sys

from asn1text import Text
from excuses import finish


class Comparison:
    def __init__(self, ours, theirs, layouts):
        self.ours, self.theirs, self.standards = ours, theirs, {}
        self.names = {layout["type"]: layout["names"] for layout in layouts if layout["shape"] == "BIT STRING"}
        for layout in layouts:
            for field in layout["fields"]:
                if "standard" in field:
                    self.standards.setdefault(layout["type"], {})[field["name"]] = field["standard"]
        self.done, self.differences, self.compared, self.absent = set(), [], 0, set()

    def differ(self, where, what):
        self.differences.append("%s: %s" % (where, what))

    def named(self, our_name, their_module, their_name):
        """Two types by name, from wherever a row or an operation says so."""
        mine = next((m.types[our_name] for m in self.ours.modules.values() if our_name in m.types), None)
        their = self.theirs.find(their_module, their_name)
        if not mine or not their:
            self.differ(their_name, "%s has it not" % ("ECMA-285" if mine else "asn1/ (%s)" % our_name))
            return
        self.types(mine, their, their_name, our_name)

    def types(self, mine, their, where, holder=None):
        chain, limits, a, names = self.ours.flat(mine)
        their_chain, their_limits, b, their_names = self.theirs.flat(their)
        if b is None:
            self.absent.add(their_names[-1])
            return
        where = their_names[-1] if their_names else where
        holder = names[-1] if names else holder
        if chain != their_chain:
            self.differ(where, "tags %s, ECMA-285 has %s" % (tags(chain), tags(their_chain)))
        if sorted(limits) != sorted(their_limits):
            self.differ(where, "limits %s, ECMA-285 has %s" % (limits, their_limits))
        if (id(a), id(b)) in self.done:
            return
        self.done.add((id(a), id(b)))
        self.compared += 1
        if a.kind != b.kind:
            self.differ(where, "%s, ECMA-285 has %s" % (a.kind, b.kind))
        elif a.kind in ("SEQUENCE", "SET"):
            self.sequences(a, b, where, holder)
        elif a.kind == "CHOICE":
            self.choices(a, b, where)
        elif a.item:
            self.types(a.item, b.item, where + " item")
        elif a.kind == "BIT STRING" and not a.named:  # the chapters have the names, as ECMA-323 spells them
            if set(self.names.get(holder, {}).values()) != set(b.named.values()):
                self.differ(where, "bits %s, ECMA-285 has %s" % (sorted(self.names.get(holder, {}).values()),
                                                                sorted(b.named.values())))
        elif a.named != b.named:
            self.values(a, b, where)

    def sequences(self, a, b, where, holder):
        mine, their = [f.name for f in a.fields], [f.name for f in b.fields]
        for how, i, j, k, l in difflib.SequenceMatcher(None, mine, their, False).get_opcodes():
            if j - i == l - k:
                for x, y in zip(a.fields[i:j], b.fields[k:l]):
                    self.fields(x, y, where, holder)
                continue
            for field in a.fields[i:j]:
                self.differ("%s.%s" % (where, field.name), "ECMA-285 has it not, or not there")
            for field in b.fields[k:l]:
                self.differ("%s.%s" % (where, field.name), "asn1/ has it not, or not there")

    def fields(self, x, y, where, holder):
        here = "%s.%s" % (where, y.name)
        if x.name != y.name:
            self.differ(here, "named %s" % x.name)
        if x.optional != y.optional:
            self.differ(here, "OPTIONAL" if x.optional else "not OPTIONAL")
        standard = self.standards.get(holder, {}).get(x.name)
        expected = self.number(y)
        if standard != expected:
            self.differ(here, "absent stands for %s, in ECMA-285 for %s" % (standard, expected))
        self.types(x.of, y.of, here, x.name)

    def number(self, field):
        """The DEFAULT as the layouts say it; {}, no bits, is 0 there."""
        if field.default in (None, "{}"):
            return field.default and 0
        if field.default in ("TRUE", "FALSE"):
            return int(field.default == "TRUE")
        if field.default.isdigit():
            return int(field.default)
        of = self.theirs.flat(field.of)[2] or next(
            (m.types[field.of.name] for m in self.ours.modules.values() if field.of.name in m.types), None)
        return of.named.get(field.default, field.default) if of else field.default

    def choices(self, a, b, where):
        mine = {f.name: f for f in a.fields}
        their = {f.name: f for f in b.fields}
        if set(mine) != set(their):
            by_tag = lambda text, of: {tuple(text.flat(f.of)[0][:1]): f for f in alternatives(text, of)}
            mine, their = by_tag(self.ours, a), by_tag(self.theirs, b)
        for key in sorted(set(mine) | set(their), key=str):
            name = (their.get(key) or mine.get(key)).name
            here = "%s.%s" % (where, name)
            if key not in mine or key not in their:
                self.differ(here, "%s has it not" % ("asn1/" if key not in mine else "ECMA-285"))
                continue
            if mine[key].name != name:
                self.differ(here, "named %s" % mine[key].name)
            self.types(mine[key].of, their[key].of, here, name)

    def values(self, a, b, where):
        numbers = lambda of: {number: name for name, number in of.named.items()}
        mine, their = numbers(a), numbers(b)
        for number in sorted(set(mine) | set(their)):
            if mine.get(number) != their.get(number):
                self.differ("%s.%s" % (where, their.get(number)), "%d is %s" % (number, mine.get(number)))


    def bits(self, layouts):
        """The names that the chapters give to bits, at the bits that asn1/ names so."""
        for layout in layouts.values():
            of = next((m.types[layout["type"]] for m in self.ours.modules.values() if layout["type"] in m.types), None)
            of = self.ours.flat(of)[2] if of else None
            if layout["shape"] != "BIT STRING" or not of or not of.named:
                continue
            spelt = {number: name for name, number in layout["names"].items()}
            for name, number in of.named.items():
                if (spelt.get(number) or "").lower() != name.lower():
                    self.differ("%s.%s" % (layout["type"], name), "in XML %s" % spelt.get(number, "none"))
            for number in set(spelt) - set(of.named.values()):
                self.differ("%s.%s" % (layout["type"], spelt[number]), "%d has no name in asn1/" % number)


def tags(chain):
    return " ".join("%s%d" % tag for tag in chain) or "none"


def alternatives(text, of):
    """Those of a CHOICE, of an untagged CHOICE in it in its place."""
    for field in of.fields:
        chain, _, inner, _ = text.flat(field.of)
        if inner and inner.kind == "CHOICE" and not chain:
            yield from alternatives(text, inner)
        else:
            yield field


def events_of(text):
    """{(category, tag): (module, type)} of the event report's CHOICE of CHOICEs."""
    out = {}
    module = next(m for m in text.modules.values() if "EventSpecificInfo" in m.types)
    for category in module.types["EventSpecificInfo"].fields:
        for event in text.flat(category.of)[2].fields:
            out[category.of.tags[0][1], event.of.tags[0][1]] = (event.of.module, event.of.name)
    return out


def compare_all(dump, ours, theirs, folder):
    comparison = Comparison(ours, theirs, dump["layouts"].values())
    comparison.bits(dump["layouts"])
    operations = {code: (module, name, argument, result)
                  for module, code, name, argument, result in theirs.operations}
    for row in csv.DictReader(open(os.path.join(folder, "operation-codes.csv"), encoding="utf-8")):
        operation = operations.get(int(row["code"]))
        if operation and operation[1] != row["operation"]:
            comparison.differ(row["operation"], "the module of %s calls it %s" % (row["code"], operation[1]))
    events = events_of(theirs)
    judged = 0
    for row in dump["rows"]:
        if row["kind"] == "event":
            where = events.get((row["category"], row["tag"]))
        elif row["kind"] in ("request", "response"):
            operation = operations.get(row["operation"])
            where = operation and (operation[0].name, operation[3 if row["kind"] == "response" else 2])
        elif row["kind"] == "error":
            where = ("CSTA-error-definition", "UniversalFailure")
        else:
            continue
        if not where or not where[1]:
            comparison.differ(row["element"], "ECMA-285's modules have it not")
            continue
        judged += 1
        comparison.named(row["value"], *where)
    comparison.named("ACSEUserInformationForCSTA", "CSTA-application-context-information-csta3",
                     "ACSEUserInformationForCSTA")
    return comparison, judged


def main():
    dump_path, folder, excuses_path = sys.argv[1:]
    dump = json.load(open(dump_path, encoding="utf-8"))
    comparison, judged = compare_all(dump, Text("asn1"), Text(folder), folder)
    absent = ", ".join(sorted(comparison.absent)) or "none"
    finish(comparison.differences, excuses_path, "%d types compared from %d messages; types that the folder does "
           "not have: %s" % (comparison.compared, judged, absent))


main()
