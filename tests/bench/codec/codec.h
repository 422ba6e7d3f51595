/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec.h
 * The codecs' benchmark: one EstablishedEvent, every codec beside the library that one would take.
 * A peer is prepared once with the message in its encoding and then does one operation, again and
 * again, with all that it can reuse. Each checks its own result when prepared.
 */
#ifndef BENCH_CODEC_H
#define BENCH_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Octets of the message in one encoding. */
struct sample {
	const uint8_t *data;
	size_t length;
};

/** libxml2: the push parser with SAX2, kept and reset, takes eight fields out. */
bool peer_sax_prepare(struct sample xml);
void peer_sax_decode(void);

/** libxml2: xmlTextWriter writes the same document into a buffer that is kept. */
bool peer_writer_prepare(struct sample xml);
void peer_writer_encode(void);

/** jansson: builds the tree of the same JSON and dumps it into a buffer. */
bool peer_jansson_prepare(struct sample json);
void peer_jansson_encode(void);

/**
 * asn1c alone: the same types, its debugging arguments compiled away, malloc() for memory. The
 * envelope (its argument an ANY) and the event report within; then the event report alone.
 */
bool peer_asn1c_prepare(struct sample ber);
void peer_asn1c_decode(void);
void peer_asn1c_encode(void);
void peer_asn1c_decode_report(void);
void peer_asn1c_encode_report(void);

#endif
