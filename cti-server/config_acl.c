/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The broker's access list. MQTT does not tell who published, so the user stands in the
 * request's topic, and the broker sees to it that nobody writes another's name there:
 *
 *     user ann
 *     topic write cti/v1/main/hq/request/ann/+/+
 *     topic read cti/v1/main/hq/reply/ann/#
 *     topic read cti/v1/main/hq/device/2001/#
 */
#include "cti-server/config.h"
#include "pbx-adapters/host/range.h"
#include "sdk/wire.h"

#include <stdio.h>
#include <string.h>

/* Devices that one range is spelt out for. */
#define SPELT_MAX 10000

static void line(FILE *out, const struct pbx_config *pbx, const char *access, const char *kind,
                 const char *id, const char *rest)
{
	struct cti_text text = {0};
	cti_wire_topic_escape(&text, id);
	if (!text.failed)
		fprintf(out, "topic %s cti/v1/%s/%s/%s/%s%s\n", access, pbx->tenant, pbx->name,
		        kind, text.data ? text.data : "", rest);
	cti_text_free(&text);
}

struct topics {
	FILE *out;
	const struct pbx_config *pbx;
	const char *kind;
};

static int topic_each(void *arg, const char *id, size_t index)
{
	const struct topics *t = arg;
	(void)index;
	line(t->out, t->pbx, "read", t->kind, id, "/#");
	return 0;
}

/** Topics of one kind for each id of the ranges: the access list has no ranges of its own. */
static void ranges(FILE *out, const struct pbx_config *pbx, const char *kind, config_words words)
{
	struct topics topics = {out, pbx, kind};
	for (; *words; words++)
		if (!strcmp(*words, "*"))
			fprintf(out, "topic read cti/v1/%s/%s/%s/#\n", pbx->tenant, pbx->name,
			        kind);
		else if (range_count(*words, NULL) > SPELT_MAX)
			fprintf(out, "# %s has more than %d numbers: list it by hand\n", *words,
			        SPELT_MAX);
		else
			range_each(*words, topic_each, &topics, NULL);
}

static void user_on_switch(FILE *out, const struct config_user *user, const struct pbx_config *pbx)
{
	static const char *const kinds[] = {"device", "agent", "queue", "interaction", "all"};
	fprintf(out, "topic read cti/v1/%s/%s/status\n", pbx->tenant, pbx->name);
	if (user->role->services)
		line(out, pbx, "write", "request", user->name, "/+/+");
	line(out, pbx, "read", "reply", user->name, "/#");
	if (user->role->events_all) {
		for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
			fprintf(out, "topic read cti/v1/%s/%s/%s/#\n", pbx->tenant, pbx->name,
			        kinds[i]);
		return;
	}
	ranges(out, pbx, "device", user->devices);
	ranges(out, pbx, "queue", user->devices);
	ranges(out, pbx, "agent", user->agents);
}

void config_print_acl(const struct config *config, void *stdio_file)
{
	FILE *out = stdio_file;
	const char *server = config->mqtt ? cti_options_string(config->mqtt, "user") : NULL;
	fputs("# acl_file of mosquitto.conf, with allow_anonymous false.\n", out);
	fputs("# Written by cti-server --print-acl; write it again when users change.\n", out);
	fputs("topic read cti/v1/server/+/status\n\n", out);
	if (server)
		fprintf(out, "user %s\ntopic readwrite cti/v1/#\n", server);
	else
		fputs("# mqtt.user is not set: the server's own user is missing here\n", out);
	for (size_t i = 0; i < config->user_count; i++) {
		const struct config_user *user = &config->users[i];
		fprintf(out, "\nuser %s\ntopic read cti/v1/server/+/status\n", user->name);
		for (size_t k = 0; k < config->switch_count; k++)
			if (!*user->switches ||
			    config_in_ranges(user->switches, config->switches[k].pbx.name))
				user_on_switch(out, user, &config->switches[k].pbx);
	}
}
