#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Judge JSON by JSON Schema (Debian: python3-jsonschema).

Usage: validate.py FOLDER, one case a line on standard input:

    any HoldCall valid {"HoldCall":{...}}

the folder in FOLDER that has the schemas, the schema, what is expected, the text. Prints what is
otherwise than expected and, at the end, how many cases there were of each kind.
"""
import collections
import json
import pathlib
import sys

import jsonschema

SHOWN = 20


def validators(folder):
    schemas = {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}
    for name, schema in schemas.items():
        assert schema["$id"] == name, name
        jsonschema.Draft202012Validator.check_schema(schema)
    resolver = jsonschema.RefResolver("", {}, store=schemas)
    return {
        name.removesuffix(".json"): jsonschema.Draft202012Validator(
            schema, resolver=resolver, format_checker=jsonschema.FormatChecker()
        )
        for name, schema in schemas.items()
    }


def main():
    folders = {path.name: validators(path) for path in pathlib.Path(sys.argv[1]).iterdir()}
    counts, wrong = collections.Counter(), 0
    for line in sys.stdin:
        folder, name, expected, text = line.rstrip("\n").split(" ", 3)
        error = jsonschema.exceptions.best_match(folders[folder][name].iter_errors(json.loads(text)))
        counts[folder, expected] += 1
        if (error is None) == (expected == "valid"):
            continue
        wrong += 1
        if wrong <= SHOWN:
            print(f"# {folder} {name}: expected {expected}: {text[:2000]}")
            if error:
                print(f"#   {error.json_path}: {error.message[:300]}")
    for (folder, expected), count in sorted(counts.items()):
        print(f"# {count} {expected} by {folder}")
    print(f"# {wrong} judged otherwise")
    sys.exit(1 if wrong or not counts else 0)


if __name__ == "__main__":
    main()
