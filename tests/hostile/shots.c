/* SPDX-License-Identifier: Apache-2.0 */
/* What attackers of CSTA links send, for both encodings. */
#include "tests/hostile/shots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_SHOTS 24

static uint8_t *keep(struct shot *s, const void *bytes, size_t length)
{
	s->bytes = malloc(length ? length : 1);
	if (!s->bytes)
		abort();
	if (bytes)
		memcpy(s->bytes, bytes, length);
	s->length = length;
	return s->bytes;
}

/* 00 00 | length, with the header | invoke id | body */
static void frame_xml(struct shot *s, const char *body, size_t length)
{
	uint8_t *b = keep(s, NULL, length + 8);

	b[0] = b[1] = 0;
	b[2] = (uint8_t)((length + 8) >> 8);
	b[3] = (uint8_t)(length + 8);
	memcpy(b + 4, "0001", 4);
	memcpy(b + 8, body, length);
}

static void xml_text(struct shot *s, const char *name, const char *body)
{
	*s = (struct shot){.name = name};
	frame_xml(s, body, strlen(body));
}

static const char hello_xml[] =
        "<?xml version=\"1.0\"?><StartApplicationSession><applicationInfo><applicationID>"
        "x</applicationID></applicationInfo><requestedProtocolVersions><protocolVersion>http://"
        "www.ecma-international.org/standards/ecma-323/csta/ed4</protocolVersion>"
        "</requestedProtocolVersions></StartApplicationSession>";

static void xml_nested(struct shot *s, const char *open, size_t count)
{
	size_t step = strlen(open), length = count * step;
	char *body = malloc(length + 1);

	if (!body)
		abort();
	for (size_t i = 0; i < count; i++)
		memcpy(body + i * step, open, step);
	frame_xml(s, body, length);
	free(body);
}

size_t shots_xml(struct shot *s)
{
	size_t n = 0;
	char *big = malloc(65527);

	if (!big)
		abort();
	memset(big, 'A', 65527);
	s[n] = (struct shot){.name = "truncated header", .close = true};
	keep(&s[n++], "\0\0\1", 3);
	xml_text(&s[n], "truncated message", hello_xml);
	s[n].length /= 2;
	s[n++].close = true;
	s[n] = (struct shot){.name = "wrong marker"};
	keep(&s[n++],
	     "\x30\x31\x00\x20"
	     "0001",
	     8);
	s[n] = (struct shot){.name = "length shorter than its header"};
	keep(&s[n++],
	     "\0\0\0\3"
	     "0001",
	     8);
	s[n] = (struct shot){.name = "length of nothing"};
	keep(&s[n++], "\0\0\0\0", 4);
	s[n] = (struct shot){.name = "longest frame, no XML in it"};
	frame_xml(&s[n++], big, 65527);
	s[n] = (struct shot){.name = "ten thousand elements deep"};
	xml_nested(&s[n++], "<a>", 10000);
	s[n] = (struct shot){.name = "extensions deep in a MakeCall"};
	xml_nested(&s[n++], "<MakeCall><extensions><privateData><private>", 700);
	xml_text(
	        &s[n++], "entities that grow",
	        "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;\">"
	        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;\">]><a>&d;</a>");
	xml_text(
	        &s[n++], "a file of the machine",
	        "<!DOCTYPE a [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><MakeCall>&f;</MakeCall>");
	xml_text(&s[n++], "unclosed element", "<MakeCall><callingDevice>2001");
	xml_text(&s[n++], "unknown element", "<Nonsense><really/></Nonsense>");
	xml_text(&s[n++], "a response that nobody waits for",
	         "<MakeCallResponse><callingDevice><callID>1</callID><deviceID>2</deviceID>"
	         "</callingDevice></MakeCallResponse>");
	xml_text(
	        &s[n++], "a request before the session",
	        "<MakeCall xmlns=\"http://www.ecma-international.org/standards/ecma-323/csta/ed4\">"
	        "<callingDevice>2001</callingDevice><calledDirectoryNumber>2002"
	        "</calledDirectoryNumber></MakeCall>");
	xml_text(&s[n], "drip", hello_xml);
	s[n++].drip = true;
	free(big);
	for (uint64_t i = 0; i < RANDOM_SHOTS; i++) {
		s[n] = (struct shot){.name = i % 2 ? "random octets in a frame" : "random octets"};
		random_bytes(100 + i, keep(&s[n], NULL, 600 + 100 * i), 600 + 100 * i);
		if (i % 2) {
			uint8_t *b = s[n].bytes;

			b[0] = b[1] = 0;
			b[2] = (uint8_t)(s[n].length >> 8);
			b[3] = (uint8_t)s[n].length;
			memcpy(b + 4, "0002", 4);
		}
		n++;
	}
	return n;
}

/* Two octets of length, then the APDU. */
static void frame_ber(struct shot *s, const char *name, const void *apdu, size_t length)
{
	uint8_t *b = keep(s, NULL, length + 2);

	s->name = name;
	s->drip = s->close = false;
	b[0] = (uint8_t)(length >> 8);
	b[1] = (uint8_t)length;
	memcpy(b + 2, apdu, length);
}

/* ROSE invoke of operation 10 (MakeCall) whose argument is not quite one. */
static const uint8_t make_call[] = {0xa1, 0x19, 0x02, 0x01, 0x01, 0x02, 0x01, 0x0a, 0x30,
                                    0x11, 0x30, 0x06, 0x80, 0x04, '2',  '0',  '0',  '1',
                                    0x30, 0x06, 0x80, 0x04, '2',  '0',  '0',  '2',  0x05};

static void ber_nested(struct shot *s, const char *name, const uint8_t *open, size_t step,
                       size_t count)
{
	uint8_t *apdu = malloc(step * count);

	if (!apdu)
		abort();
	for (size_t i = 0; i < count; i++)
		memcpy(apdu + i * step, open, step);
	frame_ber(s, name, apdu, step * count);
	free(apdu);
}

size_t shots_ber(struct shot *s)
{
	static const uint8_t invoke_nested[] = {0xa1, 0x80, 0x30, 0x80},
	                     set_nested[] = {0x30, 0x80};
	uint8_t noise[4096];
	size_t n = 0;

	s[n] = (struct shot){.name = "truncated length", .close = true};
	keep(&s[n++], "\0", 1);
	frame_ber(&s[n], "truncated APDU", make_call, sizeof(make_call));
	s[n].length /= 2;
	s[n++].close = true;
	s[n] = (struct shot){.name = "length of nothing"};
	keep(&s[n++], "\0\0\0\0", 4);
	frame_ber(&s[n++], "four octets of length, all ones", "\xa1\x84\xff\xff\xff\xff\x02\x01",
	          8);
	frame_ber(&s[n++], "length of 127 octets", "\xa1\xff\xff\xff\xff\xff\xff\xff", 8);
	frame_ber(&s[n++], "inner value longer than the outer", "\xa1\x06\x02\x7f\x01\x02\x01\x0a",
	          8);
	frame_ber(&s[n++], "no ROSE at all",
	          "\x04\x03"
	          "abc",
	          5);
	frame_ber(&s[n++], "invoke id of nine octets",
	          "\xa1\x0e\x02\x09\1\2\3\4\5\6\7\x08\x09\x02\x01\x0a", 16);
	frame_ber(&s[n++], "unknown operation", "\xa1\x07\x02\x01\x01\x02\x02\x7f\x7f", 9);
	frame_ber(&s[n++], "a result that nobody waits for", "\xa2\x03\x02\x01\x05", 5);
	frame_ber(&s[n++], "a request before the association", make_call, sizeof(make_call));
	ber_nested(&s[n++], "thirty thousand sequences deep", set_nested, 2, 30000);
	ber_nested(&s[n++], "invokes in invokes", invoke_nested, 4, 10000);
	random_bytes(7, noise, sizeof(noise));
	frame_ber(&s[n++], "a frame of noise", noise, sizeof(noise));
	frame_ber(&s[n], "drip", make_call, sizeof(make_call));
	s[n++].drip = true;
	for (uint64_t i = 0; i < RANDOM_SHOTS; i++) {
		random_bytes(200 + i, noise, sizeof(noise));
		if (i % 2) {
			/* Noise that begins as ROSE does. */
			memcpy(noise, "\xa1\x82\x04\x00\x02\x01\x01\x02\x01", 9);
			frame_ber(&s[n++], "random octets in an invoke", noise, 1028);
		} else {
			s[n] = (struct shot){.name = "random octets"};
			keep(&s[n++], noise, 300 + 100 * i);
		}
	}
	return n;
}

void shots_free(struct shot *s, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(s[i].bytes);
}
