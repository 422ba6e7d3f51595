/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 2026-11-22T07:00:00.123456Z info model resync finished devices=20
 * {"time":"2026-11-22T07:00:00.123456Z","level":"info","category":"model","message":"..."}
 */
#include "pbx-adapters/host/log.h"

#include "pbx-adapters/host/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/** Longest message; what is longer is cut and ends in "...". */
#define MESSAGE_MAX 65536u
#define SHORT_MAX   1024u
/** One octet becomes at most "\u001f". */
#define ESCAPED_MAX 6u

static struct {
	pthread_mutex_t lock; /* of everything below it that is not atomic */
	int fd;
	char *file;
	enum log_format format;
	const struct clock *clock;
	_Atomic int level;
	_Atomic bool wire;
} the_log = {PTHREAD_MUTEX_INITIALIZER, STDERR_FILENO, NULL, LOG_TEXT, NULL, CTI_LOG_WARN, false};

static const char *const level_names[] = {"error", "warn", "info", "debug", "trace"};

static int open_file(const char *file)
{
	return open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

static void close_file(void)
{
	if (the_log.fd != STDERR_FILENO)
		close(the_log.fd);
	the_log.fd = STDERR_FILENO;
}

int log_open(const struct log_options *options, const struct clock *clock, struct cti_error *error)
{
	int fd = STDERR_FILENO;
	char *file = NULL;
	if (options->file) {
		file = strdup(options->file);
		if (!file)
			return cti_error_set(error, CTI_E_NOMEM, "log: out of memory");
		fd = open_file(file);
		if (fd < 0) {
			free(file);
			return cti_error_set(error, CTI_E_IO, "log file %s: %s", options->file,
			                     strerror(errno));
		}
	}
	pthread_mutex_lock(&the_log.lock);
	close_file();
	free(the_log.file);
	the_log.fd = fd;
	the_log.file = file;
	the_log.format = options->format;
	the_log.clock = clock;
	pthread_mutex_unlock(&the_log.lock);
	log_set(options->level, options->wire);
	return 0;
}

void log_reopen(void)
{
	pthread_mutex_lock(&the_log.lock);
	int fd = the_log.file ? open_file(the_log.file) : -1;
	int failed = the_log.file && fd < 0 ? errno : 0;
	if (fd >= 0) {
		close_file();
		the_log.fd = fd;
	}
	pthread_mutex_unlock(&the_log.lock);
	if (failed) /* the old file goes on */
		log_error("log", "cannot reopen the log file: %s", strerror(failed));
}

void log_close(void)
{
	pthread_mutex_lock(&the_log.lock);
	close_file();
	free(the_log.file);
	the_log.file = NULL;
	the_log.clock = NULL;
	the_log.format = LOG_TEXT;
	pthread_mutex_unlock(&the_log.lock);
	log_set(CTI_LOG_WARN, false);
}

void log_set(enum cti_log_level level, bool wire)
{
	atomic_store(&the_log.level, (int)level);
	atomic_store(&the_log.wire, wire);
}

bool log_enabled(enum cti_log_level level)
{
	return (int)level <= atomic_load_explicit(&the_log.level, memory_order_relaxed);
}

bool log_wire_enabled(void)
{
	return atomic_load_explicit(&the_log.wire, memory_order_relaxed);
}

/** Octets of the UTF-8 character at @p s, 0 if it is not one (RFC 3629). */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80   ? 1
	           : s[0] < 0xc2 ? 0
	           : s[0] < 0xe0 ? 2
	           : s[0] < 0xf0 ? 3
	           : s[0] < 0xf5 ? 4
	                         : 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/** Append @p text so that it stays on its line, and in JSON within its string. */
static char *escape(char *to, const char *text, bool json)
{
	static const char hex[] = "0123456789abcdef";
	for (const unsigned char *s = (const unsigned char *)text; *s;) {
		size_t n = utf8_length(s);
		if (n == 0 || *s < 0x20 || *s == 0x7f) {
			*to++ = '\\';
			if (*s == '\n' || *s == '\t' || *s == '\r') {
				*to++ = *s == '\n' ? 'n' : *s == '\t' ? 't' : 'r';
			} else { /* in JSON an octet that is no text is shown as Latin-1 */
				to = stpcpy(to, json ? "u00" : "x");
				*to++ = hex[*s >> 4];
				*to++ = hex[*s & 15];
			}
			s++;
			continue;
		}
		if (json && (*s == '"' || *s == '\\'))
			*to++ = '\\';
		memcpy(to, s, n);
		to += n;
		s += n;
	}
	return to;
}

static void put_time(char out[32])
{
	struct timespec ts;
	if (the_log.clock) {
		int64_t wall = clock_wall(the_log.clock);
		ts.tv_sec = (time_t)(wall / 1000000);
		ts.tv_nsec = (long)(wall % 1000000) * 1000;
	} else {
		clock_gettime(CLOCK_REALTIME, &ts);
	}
	struct tm tm;
	gmtime_r(&ts.tv_sec, &tm);
	size_t n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 32 - n, ".%06ldZ", ts.tv_nsec / 1000);
}

static void write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t n = write(fd, data, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* there is nowhere left to say so */
		data += n;
		length -= (size_t)n;
	}
}

static void write_line(const char *level, const char *category, const char *message)
{
	char stack[512 + SHORT_MAX];
	size_t worst = (strlen(category) + strlen(message)) * ESCAPED_MAX + 128;
	char *line = worst <= sizeof stack ? stack : malloc(worst);
	if (!line) {
		line = stack;
		message = "(out of memory for this line)";
	}
	pthread_mutex_lock(&the_log.lock);
	bool json = the_log.format == LOG_JSON;
	char time[32];
	put_time(time);
	char *end =
	        line +
	        sprintf(line, json ? "{\"time\":\"%s\",\"level\":\"%s\",\"category\":\"" : "%s %s ",
	                time, level);
	end = escape(end, category, json);
	end = stpcpy(end, json ? "\",\"message\":\"" : " ");
	end = escape(end, message, json);
	end = stpcpy(end, json ? "\"}\n" : "\n");
	write_all(the_log.fd, line, (size_t)(end - line));
	pthread_mutex_unlock(&the_log.lock);
	if (line != stack)
		free(line);
}

void log_write_v(enum cti_log_level level, const char *category, const char *format, va_list ap)
{
	if (!log_enabled(level))
		return;
	char small[SHORT_MAX], *text = small;
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(small, sizeof small, format, ap);
	if (n >= (int)sizeof small) {
		size_t size = (size_t)n + 1 < MESSAGE_MAX ? (size_t)n + 1 : MESSAGE_MAX;
		text = malloc(size);
		if (text)
			vsnprintf(text, size, format, again);
		else
			text = small, size = sizeof small;
		if ((size_t)n >= size)
			memcpy(text + size - 4, "...", 4);
	}
	va_end(again);
	write_line(level_names[level], category, n < 0 ? format : text);
	if (text != small)
		free(text);
}

void log_write(enum cti_log_level level, const char *category, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	log_write_v(level, category, format, ap);
	va_end(ap);
}

void log_wire(const char *switch_name, enum cti_wire_direction direction, const char *line)
{
	if (!log_wire_enabled())
		return;
	char small[SHORT_MAX], *text = small;
	const char *arrow = direction == CTI_WIRE_IN ? "<" : ">";
	size_t size = strlen(switch_name) + strlen(line) + 4;
	if (size > sizeof small && !(text = malloc(size)))
		text = small, size = sizeof small;
	snprintf(text, size, "%s %s %s", switch_name, arrow, line);
	write_line(level_names[CTI_LOG_TRACE], "wire", text);
	if (text != small)
		free(text);
}
