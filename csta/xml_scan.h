/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file xml_scan.h
 * A faster way to read what nearly every message is: a plain document, that is UTF-8, elements,
 * attributes, text, XML's five entities and character references. Private to libcsta.
 *
 * libxml2 decides what XML is and says what is wrong with it: where the scanner meets anything
 * else, or anything fails, it gives up, and the document is read from its start by libxml2. So all
 * that the scanner may do is to accept less than libxml2 does.
 */
#ifndef CSTA_XML_SCAN_H
#define CSTA_XML_SCAN_H

#include "csta/xml_state.h"

/** For tests: the calling thread leaves all documents to libxml2. */
extern _Thread_local bool xml_scan_off;

/**
 * Read a document into rd->message. @p rd is as csta_decode_xml() resets it. False: the document
 * is left to libxml2; @p rd must be reset, and rd->message, if it is there, destroyed.
 */
bool xml_scan(struct csta_xml_state *rd, const char *text, size_t length);

#endif
