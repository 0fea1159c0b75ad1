/*
 * GSSAPI (RFC 4752) on MIT's library. It has the real keys and can send any offer. A process between client and server
 * can do everything else that a lying server does.
 */
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include "peer.h"

struct exchange {
  gss_ctx_id_t context;
  gss_buffer_desc out;
  char *user, *role;
  char *offer; /* hexadecimal digits; NULL: no security layer, which is usual */
  int sealed, offered, tells;
};

static char why[512];

static struct reply failed(OM_uint32 code, OM_uint32 minor) {
  OM_uint32 ignored, more = 0;
  gss_buffer_desc text[2] = {GSS_C_EMPTY_BUFFER, GSS_C_EMPTY_BUFFER};
  gss_display_status(&ignored, code, GSS_C_GSS_CODE, GSS_C_NO_OID, &more, &text[0]);
  more = 0;
  gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text[1]);
  snprintf(why, sizeof why, "%.200s: %.200s", (char *)text[0].value, (char *)text[1].value);
  for (size_t i = 0; i < 2; i++) gss_release_buffer(&ignored, &text[i]);
  return (struct reply){.outcome = FAILURE, .text = why};
}

static void user_added(const char *name, const char *password) {
  (void)name;
  (void)password;
}

/*
 * The options: offer=DIGITS, the payload of the offer; sealed, to encrypt it too; tells, to send the library's message
 * to a client whose ticket it cannot use.
 */
static void *open_exchange(const char *mechanism, const struct list *options) {
  if (strcmp(mechanism, "GSSAPI") != 0) return NULL;
  struct exchange *exchange = calloc(1, sizeof *exchange);
  const char *offer = find(options, "offer");
  exchange->context = GSS_C_NO_CONTEXT;
  exchange->offer = strdup(offer ? offer : "01000000");
  exchange->sealed = find(options, "sealed") != NULL;
  exchange->tells = find(options, "tells") != NULL;
  return exchange;
}

static void close_exchange(void *given) {
  struct exchange *exchange = given;
  OM_uint32 minor;
  gss_delete_sec_context(&minor, &exchange->context, GSS_C_NO_BUFFER);
  gss_release_buffer(&minor, &exchange->out);
  free(exchange->user);
  free(exchange->role);
  free(exchange->offer);
  free(exchange);
}

static struct reply challenge(const struct exchange *exchange) {
  return (struct reply){.outcome = CHALLENGE, .token = exchange->out.value, .length = exchange->out.length};
}

static struct reply offered(struct exchange *exchange) {
  unsigned char payload[4096];
  gss_buffer_desc plain = {0, payload};
  OM_uint32 minor, code;
  for (const char *digit = exchange->offer; digit[0] && digit[1] && plain.length < sizeof payload; digit += 2) {
    unsigned value;
    if (sscanf(digit, "%2x", &value) != 1) abort();
    payload[plain.length++] = (unsigned char)value;
  }
  gss_release_buffer(&minor, &exchange->out);
  code = gss_wrap(&minor, exchange->context, exchange->sealed, GSS_C_QOP_DEFAULT, &plain, NULL, &exchange->out);
  if (GSS_ERROR(code)) return failed(code, minor);
  exchange->offered = 1;
  return challenge(exchange);
}

static struct reply accepted(struct exchange *exchange, gss_buffer_desc *token) {
  OM_uint32 minor, code, ignored;
  gss_name_t name = GSS_C_NO_NAME;
  gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
  gss_release_buffer(&ignored, &exchange->out);
  code = gss_accept_sec_context(&minor, &exchange->context, GSS_C_NO_CREDENTIAL, token, GSS_C_NO_CHANNEL_BINDINGS, &name,
                                NULL, &exchange->out, NULL, NULL, NULL);
  if (GSS_ERROR(code) && exchange->tells && exchange->out.length > 0) return challenge(exchange);
  if (GSS_ERROR(code)) return failed(code, minor);
  code = gss_display_name(&minor, name, &text, NULL);
  gss_release_name(&ignored, &name);
  if (GSS_ERROR(code)) return failed(code, minor);
  exchange->user = strndup(text.value, text.length);
  gss_release_buffer(&ignored, &text);
  /* Without mutual authentication the server has no token, and the offer comes next. */
  return exchange->out.length > 0 ? challenge(exchange) : offered(exchange);
}

/* The client's choice: one byte of layer, three of size, and the role. */
static struct reply chosen(struct exchange *exchange, gss_buffer_desc *token) {
  OM_uint32 minor, code;
  gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
  int sealed = 0;
  code = gss_unwrap(&minor, exchange->context, token, &plain, &sealed, NULL);
  if (GSS_ERROR(code)) return failed(code, minor);
  const unsigned char *bytes = plain.value;
  size_t used = (size_t)snprintf(why, sizeof why, "sealed %d, ", sealed);
  for (size_t i = 0; i < plain.length && i < 64; i++) used += (size_t)snprintf(why + used, sizeof why - used, "%02x", bytes[i]);
  if (plain.length < 4 || bytes[0] != 1 || bytes[1] || bytes[2] || bytes[3]) {
    gss_release_buffer(&minor, &plain);
    return (struct reply){.outcome = FAILURE, .text = why};
  }
  exchange->role = strndup((const char *)bytes + 4, plain.length - 4);
  gss_release_buffer(&minor, &plain);
  const char *role = *exchange->role ? exchange->role : exchange->user;
  if (!principal_may_act_as(exchange->user, role)) return (struct reply){.outcome = FAILURE, .text = "not authorized"};
  return (struct reply){.outcome = SUCCESS, .text = role};
}

static struct reply step_exchange(void *given, const char *token, size_t length) {
  struct exchange *exchange = given;
  gss_buffer_desc in = {length, (void *)token};
  if (exchange->context == GSS_C_NO_CONTEXT) return accepted(exchange, &in);
  if (!exchange->offered) {
    if (length > 0) return (struct reply){.outcome = FAILURE, .text = "an empty message was due"};
    return offered(exchange);
  }
  return chosen(exchange, &in);
}

int main(int count, char **arguments) {
  (void)count, (void)arguments; /* its folder names the run that started it */
  return serve();
}
