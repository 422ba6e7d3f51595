#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `cti asyncapi` says of the server, against what the server says.
cd "$(dirname "$0")/../.." || exit 1
exec /usr/bin/python3 tests/interop/asyncapi.py "${CTI_BUILD:-build}"
