# SPDX-License-Identifier: Apache-2.0
"""Hold the table of messages against the lists of tests/coverage: coverage.py DUMP

DUMP is what `build/tests/interop dump` prints. With CSTA_REFERENCE, the lists against the reference
too. What is wrong is printed, a line each; then how much was compared."""
import csv
import json
import os
import sys
import xml.etree.ElementTree as ElementTree

from asn1text import Text

XS = "{http://www.w3.org/2001/XMLSchema}"
REPORT = 21  # the operation that carries the events
OTHERS = {"Reject", "AARQ", "AARE", "RLRQ", "RLRE", "ABRT"}  # of ROSE and ACSE
NOT_IN_BER = {"GetCSTAFeatures", "GetCSTAFeaturesResponse"}  # its module is nowhere to be had
wrong = []


def lines(name):
    return [line.split() for line in open(os.path.join("tests/coverage", name), encoding="utf-8")]


def same(what, found, expected):
    """Sets of tuples, each difference in words."""
    for item in sorted(expected - found, key=str):
        wrong.append("%s: %s is missing" % (what, " ".join(map(str, item))))
    for item in sorted(found - expected, key=str):
        wrong.append("%s: %s is not in the list" % (what, " ".join(map(str, item))))


def children(dump):
    """The names of all elements below a message."""
    return {member["name"] for of in dump["xml"].values() for member in of["members"]}


def table(dump, operations, events, elements):
    rows = dump["rows"]
    requests = {(row["operation"], row["element"]) for row in rows if row["kind"] == "request"}
    responses = {(row["operation"], row["element"]) for row in rows if row["kind"] == "response"}
    same("requests", requests, {(int(o[0]), o[2]) for o in operations if int(o[0]) != REPORT})
    same("responses", responses, {(int(o[0]), o[3]) for o in operations if o[3] != "-"})
    same("who answers", {(row["element"],) for row in rows if row["kind"] == "request" and row["silent"]},
         {(o[2],) for o in operations if o[3] == "-" and int(o[0]) != REPORT})
    same("events", {("%d.%d" % (row["category"], row["tag"]), row["element"])
                    for row in rows if row["kind"] == "event"}, {(e[0], e[2]) for e in events})
    messages = {(row["element"], 354 if row["kind"] == "session" else 3 if row["edition"] <= 3 else 6)
                for row in rows if row["encodings"] & 2}
    plain = {(name, int(edition)) for name, edition in elements if name[0].isupper() and name != "ErrorValue"}
    same("elements", messages, plain)
    names = {name.lower() for name in children(dump)}
    types = {name for name, edition in elements} - {name for name, edition in plain}
    same("elements that are types", {(name,) for name in types if name.lower() in names},
         {(name,) for name in types})
    same("messages in BER", {(row["element"],) for row in rows if row["encodings"] & 1} - {(o,) for o in OTHERS},
         {(name,) for o in operations for name in o[2:] if name not in NOT_IN_BER | {"-"}}
         | {(e[2],) for e in events} | {("CSTAErrorCode",)})
    return "%d operations, %d events, %d elements, %d of them as children" % (
        len(operations), len(events), len(elements), len(types))


def reference(folder, operations, events, elements):
    path = os.path.join(folder, "ecma-285")
    rows = csv.DictReader(open(os.path.join(path, "operation-codes.csv"), encoding="utf-8"))
    same("codes of the reference", {(o[0], o[1]) for o in operations},
         {(row["code"], row["operation"]) for row in rows if "only" not in row["operation"]})
    text = Text(path)
    listed = {int(o[0]): o for o in operations}
    for _, code, name, _, result in text.operations:
        if code not in listed or listed[code][1] != name or (listed[code][3] != "-") != bool(result):
            wrong.append("module of operation %d: %s, result %s" % (code, name, result))
    module = text.modules["CSTA-event-report-definitions"]
    same("events of the reference", {(e[0], e[1]) for e in events},
         {("%d.%d" % (category.of.tags[0][1], event.of.tags[0][1]), event.name)
          for category in module.types["EventSpecificInfo"].fields
          for event in text.flat(category.of)[2].fields})
    names = lambda schema: {element.get("name") for element in ElementTree.parse(
        os.path.join(folder, "ecma-323", schema)).getroot().findall(XS + "element")}
    third, sixth, session = names("csta-ed3.xsd"), names("csta-ed6.xsd"), names("appl_session.xsd")
    same("elements of the reference", {tuple(e) for e in elements},
         {(name, "3" if name in third else "6") for name in third | sixth} | {(name, "354") for name in session})
    return "%d operations, %d events, %d elements of edition 6, %d of edition 3" % (
        len(text.operations), len(events), len(sixth), len(third))


def main():
    dump = json.load(open(sys.argv[1], encoding="utf-8"))
    lists = lines("operations"), lines("events"), lines("elements")
    said = [table(dump, *lists)]
    if os.environ.get("CSTA_REFERENCE"):
        said.append("the reference: " + reference(os.environ["CSTA_REFERENCE"], *lists))
    for line in wrong:
        print(line)
    print("; ".join(said))
    sys.exit(1 if wrong else 0)


main()
