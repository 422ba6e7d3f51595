/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/config.h"

const char config_demo[] =
        "server = { id = \"demo\"; };\n"
        "switches = ( {\n"
        "  name = \"hq\"; tenant = \"demo\"; adapter = \"simulator\";\n"
        "  monitors = { ranges = [ \"2001-2010\", \"3000\" ]; per_second = 0; };\n"
        "} );\n";
