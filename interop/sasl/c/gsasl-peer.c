/* GNU libgsasl as a server. For every mechanism its caller decides about the role. */
#include <gsasl.h>
#include "peer.h"

static Gsasl *library;

struct exchange {
  Gsasl_session *session;
  char *mechanism, *external, *realm, *binding;
  char *out;
};

static const char *property(Gsasl_session *session, Gsasl_property name) {
  const char *value = gsasl_property_fast(session, name);
  return value ? value : "";
}

static int give(Gsasl_session *session, Gsasl_property name, const char *value) {
  if (!value) return GSASL_NO_CALLBACK;
  return gsasl_property_set(session, name, value);
}

static int callback(Gsasl *context, Gsasl_session *session, Gsasl_property asked) {
  const struct exchange *exchange = gsasl_session_hook_get(session);
  (void)context;
  switch (asked) {
    case GSASL_PASSWORD: return give(session, asked, find(&users, property(session, GSASL_AUTHID)));
    case GSASL_SERVICE: return give(session, asked, "cassandra");
    case GSASL_HOSTNAME: return give(session, asked, "localhost");
    case GSASL_REALM: return give(session, asked, exchange->realm);
    case GSASL_SCRAM_ITER: return give(session, asked, "4096");
    case GSASL_SCRAM_SALT: return give(session, asked, "QSXCR+Q6sek8bf92"); /* one salt, like in a database */
    case GSASL_CB_TLS_EXPORTER: return exchange->binding ? give(session, asked, exchange->binding) : GSASL_NO_CB_TLS_EXPORTER;
    case GSASL_VALIDATE_ANONYMOUS: return GSASL_OK;
    case GSASL_VALIDATE_EXTERNAL: {
      const char *role = property(session, GSASL_AUTHZID);
      return exchange->external && (*role == 0 || may_act_as(exchange->external, role)) ? GSASL_OK
                                                                                       : GSASL_AUTHENTICATION_ERROR;
    }
    case GSASL_VALIDATE_GSSAPI: {
      const char *role = property(session, GSASL_AUTHZID);
      int allowed = *role == 0 || principal_may_act_as(property(session, GSASL_GSSAPI_DISPLAY_NAME), role);
      return allowed ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
    }
    default: return GSASL_NO_CALLBACK;
  }
}

static void user_added(const char *name, const char *password) {
  (void)name;
  (void)password;
}

static char *copy(const char *text) {
  return text ? strdup(text) : NULL;
}

static void *open_exchange(const char *mechanism, const struct list *options) {
  struct exchange *exchange = calloc(1, sizeof *exchange);
  if (gsasl_server_start(library, mechanism, &exchange->session) != GSASL_OK) {
    free(exchange);
    return NULL;
  }
  exchange->mechanism = copy(mechanism);
  exchange->external = copy(find(options, "external"));
  exchange->realm = copy(find(options, "realms"));
  exchange->binding = copy(find(options, "channel-binding"));
  gsasl_session_hook_set(exchange->session, exchange);
  return exchange;
}

static void close_exchange(void *given) {
  struct exchange *exchange = given;
  gsasl_finish(exchange->session);
  gsasl_free(exchange->out);
  free(exchange->mechanism);
  free(exchange->external);
  free(exchange->realm);
  free(exchange->binding);
  free(exchange);
}

/* The user that has logged in, and whether the role is allowed. */
static struct reply finished(struct exchange *exchange, struct reply reply) {
  const char *user = property(exchange->session, GSASL_AUTHID);
  const char *role = property(exchange->session, GSASL_AUTHZID);
  reply.outcome = SUCCESS;
  if (strcmp(exchange->mechanism, "ANONYMOUS") == 0) user = "anonymous";
  if (strcmp(exchange->mechanism, "EXTERNAL") == 0) user = exchange->external;
  int gssapi = strcmp(exchange->mechanism, "GSSAPI") == 0;
  if (gssapi) user = property(exchange->session, GSASL_GSSAPI_DISPLAY_NAME);
  reply.text = *role ? role : user;
  if (gssapi || may_act_as(user, reply.text)) return reply;
  return (struct reply){.outcome = FAILURE, .text = "not authorized"};
}

static struct reply step_exchange(void *given, const char *token, size_t length) {
  struct exchange *exchange = given;
  struct reply reply = {.outcome = CHALLENGE};
  gsasl_free(exchange->out);
  exchange->out = NULL;
  int code = gsasl_step(exchange->session, token, length, &exchange->out, &reply.length);
  if (code != GSASL_OK && code != GSASL_NEEDS_MORE) return (struct reply){.outcome = FAILURE, .text = gsasl_strerror(code)};
  reply.token = exchange->out;
  return code == GSASL_OK ? finished(exchange, reply) : reply;
}

int main(int count, char **arguments) {
  (void)count, (void)arguments; /* its folder names the run that started it */
  if (gsasl_init(&library) != GSASL_OK) return 1;
  gsasl_callback_set(library, callback);
  return serve();
}
