# SPDX-License-Identifier: Apache-2.0
"""A reader of ASN.1 text: what of X.680 the modules of ECMA-285 and asn1/ use, no more.

read(folder) gives a Text: types by module and name, operations. Comments, EXPORTS, object
identifiers and values are skipped; what it does not know is an error with file and line."""
import glob
import os
import re

TOKENS = re.compile(r'--.*?(?:--|$)|"[^"]*"|\.\.\.|\.\.|::=|[A-Za-z](?:-?\w)*|\d+|[^\s]', re.M)
UNIVERSAL = {"BOOLEAN": 1, "INTEGER": 2, "BIT STRING": 3, "OCTET STRING": 4, "NULL": 5,
             "OBJECT IDENTIFIER": 6, "EXTERNAL": 8, "ENUMERATED": 10, "UTF8String": 12,
             "SEQUENCE": 16, "SEQUENCE OF": 16, "SET": 17, "SET OF": 17, "NumericString": 18,
             "PrintableString": 19, "IA5String": 22, "UTCTime": 23, "GeneralizedTime": 24,
             "GraphicString": 25, "CHOICE": None, "ANY": None}
CLASSES = {"UNIVERSAL": "U", "APPLICATION": "A", "PRIVATE": "P"}


class Type:
    """As written: tags in front, then a kind of UNIVERSAL or a reference to another type."""

    def __init__(self, module):
        self.module, self.tags, self.kind, self.name = module, [], None, None
        self.fields, self.named, self.item, self.limits = [], {}, None, []


class Field:
    def __init__(self, name, of, optional, default):
        self.name, self.of, self.optional, self.default = name, of, optional, default


class Module:
    def __init__(self, name, path, mode):
        self.name, self.path, self.mode = name, path, mode
        self.types, self.imports, self.operations = {}, {}, []


class Reader:
    def __init__(self, path):
        text = open(path, encoding="utf-8").read()
        found = [(m.group(), m.start()) for m in TOKENS.finditer(text)]
        self.words = [(w, at) for w, at in found if not w.startswith("--")]
        self.text, self.path, self.at = text, path, 0

    def fail(self, what):
        where = self.words[min(self.at, len(self.words) - 1)]
        raise SystemExit("%s:%d: %s at '%s'" % (self.path, self.text.count("\n", 0, where[1]) + 1,
                                                what, where[0]))

    def peek(self, ahead=0):
        return self.words[self.at + ahead][0] if self.at + ahead < len(self.words) else ""

    def next(self):
        self.at += 1
        return self.words[self.at - 1][0] if self.at <= len(self.words) else self.fail("the end")

    def take(self, *words):
        if all(self.peek(i) == word for i, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def want(self, *words):
        if not self.take(*words):
            self.fail("'%s' expected" % " ".join(words))

    def skip(self, open_, close):
        """All between brackets, as one text."""
        depth, words = 0, []
        while True:
            word = self.next()
            depth += (word == open_) - (word == close)
            words.append(word)
            if not depth:
                return " ".join(words[1:-1])

    def module(self):
        name = self.next()
        if self.peek() == "{":
            self.skip("{", "}")
        self.want("DEFINITIONS")
        mode = self.next() if self.peek(1) == "TAGS" else "EXPLICIT"
        self.take("TAGS")
        self.want("::=", "BEGIN")
        self.of = Module(name, self.path, mode)
        if self.take("EXPORTS"):
            while self.next() != ";":
                pass
        if self.take("IMPORTS"):
            self.imports()
        while self.peek() != "END":
            self.assignment()
        return self.of

    def imports(self):
        names = []
        while not self.take(";"):
            word = self.next()
            if word == "FROM":
                source = self.next()
                if self.peek() == "{":
                    self.skip("{", "}")
                self.of.imports.update((name, source) for name in names)
                names = []
            elif word != ",":
                names.append(word)

    def assignment(self):
        name = self.next()
        if name[0].isupper():
            self.want("::=")
            if name in self.of.types:
                self.fail("%s twice" % name)
            self.of.types[name] = self.type()
            return
        of = self.next()
        self.want("::=")
        body = self.skip("{", "}")
        if of == "OPERATION":
            code = re.search(r"CODE local : (\d+)", body)
            part = lambda what: (re.search(what + r" (\w(?:-?\w)*)", body) or [None, None])[1]
            self.of.operations.append((int(code[1]), name, part("ARGUMENT"), part("RESULT")))
        elif of != "ERROR":
            self.fail("a value")

    def type(self):
        out = Type(self.of.name)
        while self.take("["):
            kind = CLASSES.get(self.peek())
            if kind:
                self.next()
            number = int(self.next())
            self.want("]")
            mode = self.next() if self.peek() in ("IMPLICIT", "EXPLICIT") else self.of.mode
            out.tags.append((kind or "C", number, mode == "IMPLICIT"))
        word = self.next()
        if word + " " + self.peek() in UNIVERSAL and word in ("BIT", "OCTET", "OBJECT"):
            word += " " + self.next()
        if word in ("SEQUENCE", "SET") and self.peek() != "{":
            if self.take("SIZE"):
                out.limits.append("SIZE(%s)" % self.skip("(", ")").replace(" ", ""))
            self.limit(out)
            self.want("OF")
            out.kind, out.item = word + " OF", self.type()
            return out
        out.kind = word if word in UNIVERSAL else None
        out.name = None if out.kind else word
        if not out.kind and not word[0].isupper():
            self.fail("a type expected before")
        if self.peek() == "{":
            self.braces(out)
        self.limit(out)
        return out

    def limit(self, out):
        while self.peek() == "(":
            out.limits.append(self.skip("(", ")").replace(" ", ""))

    def braces(self, out):
        self.want("{")
        if out.kind in ("SEQUENCE", "SET", "CHOICE"):
            while not self.take("}"):
                out.fields.append(self.field())
                if not self.take(",") and self.peek() != "}":
                    self.fail("',' or '}' expected")
        elif out.kind in ("ENUMERATED", "INTEGER", "BIT STRING"):
            while not self.take("}"):
                name = self.next()
                number = len(out.named)
                if self.take("("):
                    number = int(self.next())
                    self.want(")")
                out.named[name] = number
                self.take(",")
        else:
            self.fail("braces")

    def field(self):
        name, of, default = self.next(), self.type(), None
        optional = self.take("OPTIONAL")
        if self.take("DEFAULT"):
            default = self.next()
            if default == "{":
                self.want("}")
                default = "{}"
        return Field(name, of, optional or default is not None, default)


class Text:
    def __init__(self, folder):
        self.modules, self.operations = {}, []
        for path in sorted(glob.glob(os.path.join(folder, "*.asn1"))):
            module = Reader(path).module()
            self.modules[module.name] = module
            self.operations += [(module, *operation) for operation in module.operations]

    def find(self, module, name):
        """The type that a name means within a module; None: its module is not there."""
        of = self.modules[module]
        if name in of.types:
            return of.types[name]
        source = of.imports.get(name)
        if source is None:  # where an IMPORTS is missing: the only one of that name
            having = [m for m in self.modules.values() if name in m.types]
            return having[0].types[name] if len(having) == 1 else None
        return self.find(source, name) if source in self.modules else None

    def flat(self, of):
        """(tags on the wire from the outside in, limits, the type that is not a reference or None,
        the names that led there)."""
        tags, limits, names = [], [], []
        while of:
            tags += of.tags
            limits += of.limits
            if not of.name:
                break
            names.append(of.name)
            of = self.find(of.module, of.name)
        number = UNIVERSAL[of.kind] if of else None
        chain = [("U", number)] if number else []
        for kind, tag, implicit in reversed(tags):
            chain = [(kind, tag)] + (chain[1:] if implicit and chain else chain)
        return chain, limits, of, names
