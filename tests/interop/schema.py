# SPDX-License-Identifier: Apache-2.0
"""A reader of XML schemas: what of XSD the schemas of ECMA-323 use, no more."""
import xml.etree.ElementTree as ElementTree

XS = "{http://www.w3.org/2001/XMLSchema}"


class Particle:
    """An element in an element: group numbers the choice that it is of, None outside of any. Whether it
    is optional is not known (guessed) where the schemas, which are rebuilt, give it an id "u7", and
    of lists."""

    def __init__(self, name, of, optional, many, group, guessed):
        self.name, self.of, self.optional, self.many, self.group = name, of, optional, many, group
        self.guessed = guessed


class Type:
    """kind: "text" (base: "xs:boolean" ...), "enumerated" (values), "attributed" (text with attributes),
    "mixed" (any XML) or "elements" (particles; none: empty)."""

    def __init__(self, name):
        self.name, self.kind, self.base, self.values = name, "elements", None, []
        self.particles, self.attributes = [], {}


class Schema:
    def __init__(self, path):
        self.root = ElementTree.parse(path).getroot()
        self.namespace = self.root.get("targetNamespace")
        self.named = {node.get("name"): node for node in self.root
                      if node.tag in (XS + "complexType", XS + "simpleType")}
        self.made, self.groups = {}, 0
        self.elements = {node.get("name"): self.of_element(node, node.get("name"))
                         for node in self.root.findall(XS + "element")}

    def find(self, name):
        if name not in self.made:
            self.made[name] = Type(name.removeprefix("T_"))
            if name.startswith("xs:"):
                self.made[name].kind = "mixed" if name == "xs:anyType" else "text"
                self.made[name].base = name
            else:
                self.fill(self.made[name], self.named[name])
        return self.made[name]

    def of_element(self, node, where):
        inner = [child for child in node if child.tag in (XS + "complexType", XS + "simpleType")]
        if not inner:
            return self.find(node.get("type"))
        made = Type(where)
        self.fill(made, inner[0])
        return made

    def fill(self, made, node):
        if node.tag == XS + "simpleType":
            restriction = node.find(XS + "restriction")
            made.values = [v.get("value") for v in restriction.findall(XS + "enumeration")]
            made.kind = "enumerated" if made.values else "text"
            made.base = restriction.get("base")
            return
        if node.get("mixed") or node.find(".//" + XS + "any") is not None:
            made.kind = "mixed"
            return
        simple = node.find(XS + "simpleContent/" + XS + "extension")
        if simple is not None:
            made.kind, made.base = "attributed", simple.get("base")
            for attribute in simple.findall(XS + "attribute"):
                of = attribute.get("type") or "list"
                made.attributes[attribute.get("name")] = of if of in ("list",) else self.find(of)
            return
        extension = node.find(XS + "complexContent/" + XS + "extension")
        if extension is not None:
            base = self.find(extension.get("base"))
            made.kind, made.particles = base.kind, list(base.particles)
            node = extension
        self.gather(made, node, False, False, None)

    def gather(self, made, node, optional, many, group):
        for child in node:
            least, most = child.get("minOccurs", "1") == "0", child.get("maxOccurs", "1") != "1"
            if child.tag == XS + "element":
                name = child.get("name")
                where = "%s.%s" % (made.name, name)
                made.particles.append(Particle(name, self.of_element(child, where), optional or least,
                                               many or most, group, "id" in child.keys() or len(child) > 0))
            elif child.tag == XS + "choice":
                self.groups += 1
                self.gather(made, child, optional or least, many or most, group or self.groups)
            elif child.tag == XS + "sequence":
                self.gather(made, child, optional or least, many or most, group)
            else:
                raise SystemExit("%s: %s is not known here" % (made.name, child.tag))
