# SPDX-License-Identifier: Apache-2.0
"""Differences against the list that excuses them."""
import fnmatch
import os
import sys


def finish(differences, path, said, kind=""):
    """Print each difference that no line of the file fits (* and ? as in names of files) and each line
    that fits none, then what was compared; end the program, with 1 if there was any. Of a file with
    several kinds of differences only the lines that begin with this kind are looked at."""
    lines = [line.split("#")[0].strip() for line in open(path, encoding="utf-8")]
    lines = {line[len(kind):].strip(): 0 for line in lines if line and line.startswith(kind)}
    bad = 0
    for difference in differences:
        fitting = [line for line in lines if fnmatch.fnmatchcase(difference, line)]
        for line in fitting:
            lines[line] += 1
        if not fitting:
            bad += 1
            print("unexplained: %s" % difference)
    for line, count in lines.items():
        if not count:
            print("excuses nothing: %s" % line)
    print("%s; %d differences, %d of them explained by %d lines of %s"
          % (said, len(differences), len(differences) - bad, len(lines), os.path.basename(path)))
    sys.exit(1 if bad or not all(lines.values()) else 0)
