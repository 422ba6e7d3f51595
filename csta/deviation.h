/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file deviation.h
 * What a sender did otherwise than the standard says, and was understood nevertheless.
 */
#ifndef CSTA_DEVIATION_H
#define CSTA_DEVIATION_H

#include "csta/csta.h"

/** The table: name, what it means and who does it. */
#define CSTA_DEVIATIONS(X)                                                                         \
	X(NAMESPACE, "no-namespace",                                                               \
	  "the root has no namespace, or none of CSTA's: OpenScape Business, OpenScape Voice")     \
	X(SUFFIX, "vendor-namespace", "a vendor's suffix behind the namespace: Avaya's /priv4")    \
	X(ORDER, "order",                                                                          \
	  "children in another order: deviceID before callID (OpenScape Voice), voice before "     \
	  "callcontrol in a filter (Avaya)")                                                       \
	X(MISSING, "missing",                                                                      \
	  "a mandatory child is absent, its not-known value stands in: SystemStatus without "      \
	  "status (Unify), events without monitorCrossRefID (BroadSoft)")                          \
	X(UNKNOWN, "unknown",                                                                      \
	  "an element that the standard does not have was skipped: vendors' additions")            \
	X(PLAIN_DESTINATION, "plain-destination",                                                  \
	  "DeflectCall's newDestination is the number itself, not <device> elements: all "         \
	  "editions "                                                                              \
	  "but 6, OpenScape Voice")                                                                \
	X(HEX_BLANKS, "hex-blanks",                                                                \
	  "white space within hexadecimal: OpenScape Voice's correlators")                         \
	X(LIST, "list", "a list where ECMA-285 has one value: the first was taken")                \
	X(FRACTION, "fraction", "a fraction where ECMA-285 has a whole number: rounded")           \
	X(NUMBER, "device-number",                                                                 \
	  "typeOfNumber is unknown, or deviceNumber and the text no number: taken as dialled "     \
	  "digits")                                                                                \
	X(PADDING, "padding", "NUL octets behind the document: C strings sent whole")

enum csta_deviation_bit {
#define X(name, text, meaning) CSTA_DEVIATION_BIT_##name,
	CSTA_DEVIATIONS(X)
#undef X
	        CSTA_DEVIATION_COUNT
};

/** A set of them. */
enum csta_deviation {
#define X(name, text, meaning) CSTA_DEVIATION_##name = 1 << CSTA_DEVIATION_BIT_##name,
	CSTA_DEVIATIONS(X)
#undef X
};

/** The deviations of the message that csta_decode_xml() read last with this codec. */
unsigned csta_codec_deviations(const struct csta_codec *);
/** Name of one, "plain-destination"; NULL where @p bit is none. */
const char *csta_deviation_name(unsigned bit);

#endif
