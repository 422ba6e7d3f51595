# SPDX-License-Identifier: Apache-2.0
"""Make one module for asn1ct of the folder of ECMA-285 modules: flatten.py FOLDER OUT CODE...

Without the information objects; a tagged CHOICE split in tag and body, as IMPLICIT before one is
what asn1ct refuses; the bit strings of the monitor filter, which are called like the CHOICEs of
events, renamed; what the folder lacks left out. Only the operations named, and the events that asn1/ has.
Prints operation code, argument, result."""
import glob
import re
import sys

folder, out, codes = sys.argv[1], sys.argv[2], set(sys.argv[3:])
CONTEXT = "acse_user_info_csta.asn1"
WORDS = {"ANY", "BIT", "BOOLEAN", "CHOICE", "DEFAULT", "ENUMERATED", "GeneralizedTime", "IA5String",
         "IMPLICIT", "INTEGER", "NULL", "OCTET", "OF", "OPTIONAL", "SEQUENCE", "SIZE", "STRING",
         "APPLICATION"}
types, filters, operations = {}, {}, []

for path in sorted(glob.glob(folder + "/*.asn1")):
    text = re.sub(r"--.*", "", open(path, encoding="utf-8").read())
    text = text[text.index("BEGIN") + 5:]
    for keyword in "EXPORTS", "IMPORTS":
        text = re.sub(keyword + r"\b.*?;", "", text, count=1, flags=re.S)
    for body in re.findall(r"OPERATION ::=\s*\{(.*?CODE\s+local:\s*\d+)\s*\}", text, re.S):
        field = lambda name: (re.search(name + r"\s+(\w+)", body) or [None, "-"])[1]
        operations.append((re.search(r"local:\s*(\d+)", body)[1], field("ARGUMENT"), field("RESULT")))
    text = re.sub(r"\b[a-z]\w* (OPERATION|ERROR) ::=\s*\{.*?local:\s*\d+\s*\}", "", text, flags=re.S)
    parts = re.split(r"(?m)^\s*([A-Z][\w-]*)\s*::=", re.sub(r"\bEND\b", "", text))
    for name, body in zip(parts[1::2], parts[2::2]):
        (filters if path.endswith(CONTEXT) else types).setdefault(name, " ".join(body.split()))

clashes = [name for name in filters if name in types and name.endswith("Events")]
for name in clashes:
    types["MonitorFilter"] = re.sub(r"\b%s\b" % name, name + "Filter", types["MonitorFilter"])
    types[name + "Filter"] = filters[name]
types = {**{name: body for name, body in filters.items() if name not in clashes}, **types}
types["ServiceCrossRefID"] = "OCTET STRING"  # of the capability exchange, which is not there

operations = [o for o in operations if o[0] in codes]

ours = "".join(open(path, encoding="utf-8").read() for path in glob.glob("asn1/*.asn1"))
for name in "EventSpecificInfo", *re.findall(r"\] (\w+Events)", types["EventSpecificInfo"]):
    known = [a for a in re.match(r"CHOICE \{(.*)\}", types[name])[1].split(",")
             if "\n%s ::=" % a.split()[-1] in ours]
    types[name] = "CHOICE {%s}" % ",".join(known)

bodies = {}
for name, body in types.items():
    tagged = re.match(r"(\[APPLICATION +\d+\]) (CHOICE.*)", body)
    if tagged:
        types[name] = "%s %sBody" % (tagged[1], name)
        bodies[name + "Body"] = tagged[2]
types.update(bodies)

used, wanted = {}, [t for o in operations for t in o[1:] if t in types]
wanted += ["CSTAEventReportArgument", "UniversalFailure"]
while wanted:
    name = wanted.pop()
    if name in used:
        continue
    body = types[name]
    for choice in bodies:
        body = re.sub(r"IMPLICIT %s\b" % choice[:-4], choice, body)
    names = set(re.findall(r"(?<![\w-])[A-Z][\w-]*", re.sub(r"(ENUMERATED|STRING|INTEGER) \{[^}]*\}", r"\1", body)))
    missing = [n for n in names - WORDS if n not in types]
    for n in missing:  # of services that the tests do not touch
        body = re.sub(r"\b%s\b( DEFAULT \w+)?" % n, "OCTET STRING", body)
    used[name] = body
    wanted += [n for n in names if n in types]

with open(out, "w", encoding="utf-8") as module:
    print("REFERENCE DEFINITIONS ::= BEGIN", file=module)
    for name, body in sorted(used.items()):
        print("%s ::= %s" % (name, body), file=module)
    print("END", file=module)
for operation in operations:
    print(*operation)
