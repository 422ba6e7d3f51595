/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The association of BER links (X.227). What real switches say, csta-asn1.md section 8:
 *
 *     60 23  80 02 07 80  a1 07 06 05 2b0c00815a            application context 1.3.12.0.218
 *            be 14 28 12  06 07 2b0c00821d8148              1.3.12.0.285.200
 *                         a0 07 a0 05 03 03 00 08 00        CSTAVersion: versionFive
 *
 * Taken: any application context (180, 218 and 285 are seen), user information of either form or
 * none (its versions tell the phase of CSTA that is spoken from then on), an acceptance with a
 * diagnostic (Panasonic says no-reason-given). A HiPath wants a name and a password: ac{a2{a0{a0{04
 * name 04 password}}}}.
 */
#include "csta/session_private.h"

#include <AARE.h>
#include <AARQ.h>
#include <ABRT.h>
#include <AssociationData.h>
#include <AssociationExternal.h>
#include <AuthenticationValue.h>
#include <RLRE.h>
#include <RLRQ.h>
#include <string.h>

/*
 * How each phase is asked for, csta-asn1.md section 8: the context, what the user information is,
 * and the versions that it names. II is what an OmniPCX is asked with, I (no peer seen) its first
 * version alone.
 */
static const struct form {
	uint8_t context[5];
	uint8_t reference[7]; /* [0] 0: none */
	uint8_t versions[2];
	uint8_t size, unused; /* of versions */
} forms[] = {
        /* 1.3.12.0.180 */
        [CSTA_PHASE_1] = {{0x2B, 0x0C, 0x00, 0x81, 0x34}, {0}, {0x80}, 1, 7},
        /* 1.3.12.0.180; 1.3.12.0.218.200; versionOne and Two: the switch may answer with either */
        [CSTA_PHASE_2] = {{0x2B, 0x0C, 0x00, 0x81, 0x34},
                          {0x2B, 0x0C, 0x00, 0x81, 0x5A, 0x81, 0x48},
                          {0xC0},
                          1,
                          6},
        /* 1.3.12.0.218; 1.3.12.0.285.200; versionThree, Four and Five: ECMA-285, ISO/IEC 18052,
         * ECMA-285 second edition */
        [CSTA_PHASE_3] = {{0x2B, 0x0C, 0x00, 0x81, 0x5A},
                          {0x2B, 0x0C, 0x00, 0x82, 0x1D, 0x81, 0x48},
                          {0x38, 0x00},
                          2,
                          0},
};
/*
 * The functions that the old form names, of ACSE.asn1's *C2: what an application asks of an
 * OmniPCX, and what it offers (route and bidirectional services).
 */
static const struct functions {
	uint8_t tag, unused, size, octets[5];
} asked[] = {{0, 3, 3, {0xE7, 0xB6, 0x48}},
             {1, 2, 5, {0x5F, 0xFD, 0x03, 0xFE, 0xA0}},
             {3, 6, 1, {0xC0}},
             {4, 3, 1, {0xF0}},
             {0}},
  offered[] = {{2, 3, 1, {0xD8}}, {3, 6, 1, {0xC0}}, {0}};
static const uint8_t protocol[] = {0x80};     /* version1 */
static const uint8_t requirements[] = {0x80}; /* authentication */

struct room {
	struct csta_message *message;
	bool failed;
};

static void *room(struct room *in, size_t size)
{
	void *at = in->failed ? NULL : csta_message_alloc(in->message, size);
	in->failed |= !at;
	return at;
}

static void octets_set(struct room *in, OCTET_STRING_t *out, const void *octets, size_t length)
{
	out->buf = room(in, length + 1);
	if (!out->buf)
		return;
	memcpy(out->buf, octets, length);
	out->size = (int)length;
}

/* OBJECT IDENTIFIER, OCTET STRING: the same two fields in front. */
static void object_set(struct room *in, OBJECT_IDENTIFIER_t *out, const void *octets, size_t length)
{
	OCTET_STRING_t copy = {0};
	octets_set(in, &copy, octets, length);
	out->buf = copy.buf;
	out->size = copy.size;
}

static BIT_STRING_t *bits_make(struct room *in, const void *octets, size_t length, int unused)
{
	BIT_STRING_t *bits = room(in, sizeof *bits);
	OCTET_STRING_t copy = {0};
	if (!bits)
		return NULL;
	octets_set(in, &copy, octets, length);
	bits->buf = copy.buf;
	bits->size = copy.size;
	bits->bits_unused = unused;
	return bits;
}

static void functions_set(struct room *in, CSTAFunctionality_t *out, const struct functions *list)
{
	for (; list->size; list++) {
		BIT_STRING_t *bits = bits_make(in, list->octets, list->size, list->unused);
		BIT_STRING_t **places[] = {
		        &out->switchingFunctionServices, &out->eventReportServices,
		        &out->computingFunctionServices, &out->bidirectionalServices,
		        &out->statusReportingServices};
		*places[list->tag] = bits;
	}
}

static void user_fill(struct room *in, const struct csta_session *session, enum csta_phase phase,
                      const BIT_STRING_t *version, ACSEUserInformationForCSTA_t *out)
{
	bool switching = session->config.role == CSTA_SWITCHING;
	if (phase == CSTA_PHASE_3) {
		out->present = ACSEUserInformationForCSTA_PR_newDefinition;
		out->choice.newDefinition.cSTAVersion = *version;
		return;
	}
	OldACSEUserInformationForCSTA_t *old = &out->choice.oldDefinition;
	out->present = ACSEUserInformationForCSTA_PR_oldDefinition;
	old->cSTAVersion = *version;
	functions_set(in, &old->cSTAFunctionsRequiredByApplication, switching ? offered : asked);
	functions_set(in, &old->cSTAFunctionsThatCanBeSupplied, switching ? asked : offered);
}

static AssociationData_t *user_information(struct room *in, const struct csta_session *session,
                                           enum csta_phase phase)
{
	const struct form *form = &forms[phase];
	AssociationData_t *data = room(in, sizeof *data);
	AssociationExternal_t *external = room(in, sizeof *external);
	AssociationExternal_t **array = room(in, sizeof *array);
	OBJECT_IDENTIFIER_t *direct = room(in, sizeof *direct);
	BIT_STRING_t *version = bits_make(in, form->versions, form->size, form->unused);
	if (in->failed)
		return NULL;
	if (form->reference[0]) {
		object_set(in, direct, form->reference, sizeof form->reference);
		external->direct_reference = direct;
	}
	external->encoding.present = AssociationEncoding_PR_single_ASN1_type;
	user_fill(in, session, phase, version, &external->encoding.choice.single_ASN1_type);
	array[0] = external;
	data->list.array = array;
	data->list.count = data->list.size = 1;
	return data;
}

/* ---- which phase ------------------------------------------------------------------------- */

#define PHASE_BIT(phase) (1u << (phase))

/* What the configuration allows. Who asks for II takes I for an answer: he named it too. */
static unsigned phases_allowed(const struct csta_session *session)
{
	static const unsigned allowed[] = {
	        [CSTA_PHASE_AUTO] = PHASE_BIT(1) | PHASE_BIT(2) | PHASE_BIT(3),
	        [CSTA_PHASE_1] = PHASE_BIT(1),
	        [CSTA_PHASE_2] = PHASE_BIT(1) | PHASE_BIT(2),
	        [CSTA_PHASE_3] = PHASE_BIT(3),
	};
	return allowed[session->config.phase];
}

static enum csta_phase phase_highest(unsigned phases)
{
	return phases & PHASE_BIT(3)   ? CSTA_PHASE_3
	       : phases & PHASE_BIT(2) ? CSTA_PHASE_2
	       : phases & PHASE_BIT(1) ? CSTA_PHASE_1
	                               : CSTA_PHASE_AUTO;
}

/* versionOne is Phase I, versionTwo II, everything later III. */
static unsigned phases_of_version(const BIT_STRING_t *version)
{
	unsigned phases = 0;
	for (int i = 0; i < version->size; i++) {
		uint8_t later = (uint8_t)(i ? version->buf[i] : version->buf[i] & 0x3F);
		phases |= later ? PHASE_BIT(3) : 0;
	}
	if (version->size > 0)
		phases |= (version->buf[0] & 0x80 ? PHASE_BIT(1) : 0) |
		          (version->buf[0] & 0x40 ? PHASE_BIT(2) : 0);
	return phases;
}

/* Phases that a peer's user information names; 0: it says nothing about it. */
static unsigned phases_named(const AssociationData_t *data)
{
	if (!data || data->list.count < 1)
		return 0;
	const AssociationExternal_t *external = data->list.array[0];
	const ACSEUserInformationForCSTA_t *csta = &external->encoding.choice.single_ASN1_type;
	unsigned phases = 0;
	if (external->encoding.present == AssociationEncoding_PR_single_ASN1_type)
		phases = phases_of_version(
		        csta->present == ACSEUserInformationForCSTA_PR_oldDefinition
		                ? &csta->choice.oldDefinition.cSTAVersion
		                : &csta->choice.newDefinition.cSTAVersion);
	for (int phase = CSTA_PHASE_2; !phases && external->direct_reference && phase <= 3; phase++)
		if ((size_t)external->direct_reference->size == sizeof forms->reference &&
		    !memcmp(external->direct_reference->buf, forms[phase].reference,
		            sizeof forms->reference))
			phases = PHASE_BIT(phase);
	return phases;
}

/*
 * What an AARQ offers. One that names no version is told by its context: that of ECMA-180 is no
 * Phase III; 218 is, as its switches say that too.
 */
static unsigned phases_offered(const AARQ_t *request)
{
	const OBJECT_IDENTIFIER_t *name = &request->aSO_context_name;
	unsigned phases = phases_named(request->user_information);
	bool old = (size_t)name->size == sizeof forms->context &&
	           !memcmp(name->buf, forms[CSTA_PHASE_1].context, sizeof forms->context);
	return phases ? phases : old ? PHASE_BIT(1) | PHASE_BIT(2) : PHASE_BIT(3);
}

/* ---- what is said ------------------------------------------------------------------------ */

static void credentials(struct room *in, const struct csta_session_config *config, AARQ_t *request)
{
	AuthenticationValue_t *value = room(in, sizeof *value);
	request->sender_acse_requirements = bits_make(in, requirements, sizeof requirements, 6);
	if (in->failed)
		return;
	value->present = AuthenticationValue_PR_external;
	AuthenticationEncoding_t *encoding = &value->choice.external.encoding;
	encoding->present = AuthenticationEncoding_PR_single_ASN1_type;
	encoding->choice.single_ASN1_type.present = AuthenticationInformation_PR_simple;
	NameAndPassword_t *simple = &encoding->choice.single_ASN1_type.choice.simple;
	const char *password = config->password ? config->password : "";
	octets_set(in, &simple->name, config->user, strlen(config->user));
	octets_set(in, &simple->password, password, strlen(password));
	request->calling_authentication_value = value;
}

static void made_send(struct csta_session *session, struct room *in)
{
	struct cti_error error = {0};
	int code = in->failed ? cti_error_set(&error, CTI_E_NOMEM, "association: out of memory")
	                      : session_transmit(session, in->message, &error);
	csta_message_destroy(&in->message);
	if (code)
		session_drop(session, code, "%s", error.text);
}

static bool make(struct csta_session *session, const char *element, struct room *in)
{
	struct cti_error error = {0};
	*in = (struct room){0};
	if (!session_make(session, element, &in->message, &error))
		return true;
	session_drop(session, error.code, "%s", error.text);
	return false;
}

void acse_start(struct csta_session *session)
{
	struct room in;
	if (session->config.role == CSTA_SWITCHING || !make(session, "AARQ", &in))
		return;
	enum csta_phase phase = csta_codec_phase(session->codec);
	AARQ_t *request = in.message->value;
	request->protocol_version = bits_make(&in, protocol, sizeof protocol, 7);
	object_set(&in, &request->aSO_context_name, forms[phase].context, sizeof forms->context);
	request->user_information = user_information(&in, session, phase);
	if (session->config.user)
		credentials(&in, &session->config, request);
	made_send(session, &in);
}

void acse_stop(struct csta_session *session)
{
	struct room in;
	if (!make(session, "RLRQ", &in))
		return;
	RLRQ_t *request = in.message->value;
	request->reason = room(&in, sizeof *request->reason);
	if (request->reason)
		*request->reason = ReleaseRequestReason_normal;
	made_send(session, &in);
}

bool session_secret_equal(const char *expected, const void *came, size_t length)
{
	const uint8_t *octets = came;
	size_t size = strlen(expected);
	unsigned differs = size != length;
	for (size_t i = 0; i < size; i++)
		differs |= (unsigned)(uint8_t)expected[i] ^ (i < length ? octets[i] : 0u);
	return !differs;
}

/* Without a user in the configuration everybody is let in. */
static long authenticate(const struct csta_session_config *config, const AARQ_t *request)
{
	const AuthenticationValue_t *value = request->calling_authentication_value;
	if (!config->user)
		return ServiceUserDiagnostic_null;
	if (!value)
		return ServiceUserDiagnostic_authentication_required;
	if (value->present != AuthenticationValue_PR_external ||
	    value->choice.external.encoding.present != AuthenticationEncoding_PR_single_ASN1_type)
		return ServiceUserDiagnostic_authentication_mechanism_name_not_recognized;
	const AuthenticationInformation_t *information =
	        &value->choice.external.encoding.choice.single_ASN1_type;
	if (information->present != AuthenticationInformation_PR_simple)
		return ServiceUserDiagnostic_authentication_mechanism_name_not_recognized;
	const NameAndPassword_t *simple = &information->choice.simple;
	bool name = session_secret_equal(config->user, simple->name.buf, (size_t)simple->name.size);
	bool password = session_secret_equal(config->password ? config->password : "",
	                                     simple->password.buf, (size_t)simple->password.size);
	return name && password ? ServiceUserDiagnostic_null
	                        : ServiceUserDiagnostic_authentication_failure;
}

/* The answer to an AARQ, in the form of the phase that is agreed upon. */
static bool aare_send(struct csta_session *session, const AARQ_t *request, enum csta_phase phase,
                      long diagnostic)
{
	struct room in;
	if (!make(session, "AARE", &in))
		return false;
	AARE_t *response = in.message->value;
	response->protocol_version = bits_make(&in, protocol, sizeof protocol, 7);
	/* The context that was asked for: the version says what is spoken. */
	object_set(&in, &response->aSO_context_name, request->aSO_context_name.buf,
	           (size_t)request->aSO_context_name.size);
	response->result =
	        diagnostic ? AssociateResult_rejected_permanent : AssociateResult_accepted;
	response->result_source_diagnostic.present = AssociateSourceDiagnostic_PR_acse_service_user;
	response->result_source_diagnostic.choice.acse_service_user = diagnostic;
	response->user_information = user_information(&in, session, phase);
	made_send(session, &in);
	return session->phase != PHASE_DOWN;
}

static void aarq_receive(struct csta_session *session, const AARQ_t *request)
{
	enum csta_phase phase = phase_highest(phases_offered(request) & phases_allowed(session));
	long diagnostic = authenticate(&session->config, request);
	if (session->config.role != CSTA_SWITCHING || session->phase != PHASE_OPENING) {
		session_drop(session, CTI_E_STATE, "AARQ: an association is not expected now");
		return;
	}
	if (!phase)
		diagnostic = ServiceUserDiagnostic_application_context_name_not_supported;
	else
		csta_codec_set_phase(session->codec, phase);
	if (!aare_send(session, request, csta_codec_phase(session->codec), diagnostic))
		return;
	if (!phase)
		session_drop(session, CTI_E_REFUSED, "AARQ: a phase of CSTA that is not ours");
	else if (diagnostic)
		session_drop(session, CTI_E_AUTH, "AARQ: name or password are wrong or missing");
	else
		session_up(session);
}

static const char *diagnostic_text(const AssociateSourceDiagnostic_t *diagnostic)
{
	if (diagnostic->present == AssociateSourceDiagnostic_PR_acse_service_user)
		switch (diagnostic->choice.acse_service_user) {
		case ServiceUserDiagnostic_application_context_name_not_supported:
			return "application context not supported";
		case ServiceUserDiagnostic_authentication_failure:
			return "wrong name or password";
		case ServiceUserDiagnostic_authentication_required:
			return "name and password required";
		case ServiceUserDiagnostic_authentication_mechanism_name_not_recognized:
		case ServiceUserDiagnostic_authentication_mechanism_name_required:
			return "authentication mechanism not recognised";
		}
	if (diagnostic->present == AssociateSourceDiagnostic_PR_acse_service_provider &&
	    diagnostic->choice.acse_service_provider ==
	            ServiceProviderDiagnostic_no_common_acse_version)
		return "no common ACSE version";
	return "no reason given";
}

/* The switch says which phase it is; without a word of it, it is the one asked for. */
static void phase_take(struct csta_session *session, const AARE_t *response)
{
	unsigned named = phases_named(response->user_information);
	enum csta_phase phase = phase_highest(named & phases_allowed(session));
	if (named && !phase) {
		session_drop(session, CTI_E_REFUSED,
		             "the switch speaks another phase of CSTA than the %s configured",
		             session->config.phase == CSTA_PHASE_3   ? "III"
		             : session->config.phase == CSTA_PHASE_2 ? "II"
		                                                     : "I");
		return;
	}
	if (phase)
		csta_codec_set_phase(session->codec, phase);
	session_up(session);
}

static void aare_receive(struct csta_session *session, const AARE_t *response)
{
	if (session->config.role != CSTA_COMPUTING || session->phase != PHASE_OPENING ||
	    session->config.association != CSTA_ASSOCIATE_ACSE) {
		session_complain(session, CTI_E_STATE, "AARE that nobody asked for");
		return;
	}
	if (response->result == AssociateResult_accepted) {
		phase_take(session, response);
		return;
	}
	const char *text = diagnostic_text(&response->result_source_diagnostic);
	bool login = strstr(text, "password") || strstr(text, "authentication");
	session_drop(session, login ? CTI_E_AUTH : CTI_E_REFUSED,
	             "the switch refused the association%s: %s",
	             response->result == AssociateResult_rejected_transient ? " for now" : "",
	             text);
}

static void rlrq_receive(struct csta_session *session)
{
	struct room in;
	if (!make(session, "RLRE", &in))
		return;
	RLRE_t *response = in.message->value;
	response->reason = room(&in, sizeof *response->reason);
	if (response->reason)
		*response->reason = ReleaseResponseReason_normal;
	made_send(session, &in);
	session_drop(session, CTI_E_CLOSED, "the peer released the association");
}

void acse_receive(struct csta_session *session, struct csta_message *message)
{
	const struct asn_TYPE_descriptor_s *type = message->type->value;
	if (type == &asn_DEF_AARQ)
		aarq_receive(session, message->value);
	else if (type == &asn_DEF_AARE)
		aare_receive(session, message->value);
	else if (type == &asn_DEF_RLRQ)
		rlrq_receive(session);
	else if (type == &asn_DEF_RLRE)
		session_drop(session, CTI_E_CLOSED, "stopped");
	else
		session_drop(session, CTI_E_CLOSED, "the peer aborted the association");
}
