/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/config.h"

const char config_demo[] =
        "# A simulated switch with a queue, three agents and callers; no broker needed.\n"
        "server = { id = \"demo\"; };\n"
        "switches = ( {\n"
        "\tname = \"hq\"; tenant = \"demo\"; adapter = \"simulator\";\n"
        "\tmonitors = { ranges = [ \"2001-2010\", \"3000\" ]; per_second = 0; };\n"
        "\toptions = {\n"
        "\t\textensions = [ \"2001-2010\" ];\n"
        "\t\tqueues = [ \"3000\" ];\n"
        "\t\tagents = ( { id = \"7001-7003\"; device = \"2001-2003\"; queues = [ \"3000\" ];\n"
        "\t\t             state = \"ready\"; } );\n"
        "\t\twrap_up = \"4s\";\n"
        "\t\ttraffic = {\n"
        "\t\t\tcalls_per_minute = 12;\n"
        "\t\t\tcallers = [ \"+8675588880001-+8675588880020\" ];\n"
        "\t\t\tto = [ \"3000\", \"3000\", \"2004\" ];\n"
        "\t\t\tstaff = [ \"2002-2004\" ];\n"
        "\t\t\tanswer = \"3s\"; talk = \"12s\"; patience = \"40s\";\n"
        "\t\t};\n"
        "\t};\n"
        "} );\n";
