/* Cyrus libsasl2 as a server, with its own sasldb: cyrus-peer FOLDER. */
#include <sasl/sasl.h>
#include "peer.h"

static char database[4096];

struct exchange {
  sasl_conn_t *connection;
  char *mechanism, *binding_type, *binding_data;
  sasl_channel_binding_t binding;
  int started;
};

static int option(void *context, const char *plugin, const char *name, const char **value, unsigned *length) {
  static const char *const options[][2] = {
      {"pwcheck_method", "auxprop"}, {"auxprop_plugin", "sasldb"}, {"sasldb_path", database}, {"log_level", "0"}};
  (void)context;
  (void)plugin;
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    if (strcmp(options[i][0], name) != 0) continue;
    *value = options[i][1];
    if (length) *length = (unsigned)strlen(*value);
    return SASL_OK;
  }
  return SASL_FAIL;
}

/* Names are not NUL-terminated, and a local name comes with its realm: alice@localhost, alice@LAB.TEST. */
static char *name_of(const char *name, unsigned length) {
  char *copy = strndup(name, length);
  char *realm = strstr(copy, "@localhost");
  if (!realm) realm = strstr(copy, "@LAB.TEST");
  if (realm) *realm = 0;
  return copy;
}

static int policy(sasl_conn_t *connection, void *context, const char *role, unsigned role_length, const char *user,
                  unsigned user_length, const char *realm, unsigned realm_length, struct propctx *properties) {
  char *who = name_of(user, user_length), *as = name_of(role, role_length);
  int allowed = may_act_as(who, as);
  (void)connection, (void)context, (void)realm, (void)realm_length, (void)properties;
  free(who);
  free(as);
  return allowed ? SASL_OK : SASL_NOAUTHZ;
}

static const sasl_callback_t callbacks[] = {
    {SASL_CB_GETOPT, (int (*)(void))(void *)option, NULL},
    {SASL_CB_PROXY_POLICY, (int (*)(void))(void *)policy, NULL},
    {SASL_CB_LIST_END, NULL, NULL},
};

static sasl_conn_t *connect_to(unsigned flags) {
  sasl_conn_t *connection = NULL;
  if (sasl_server_new("cassandra", "localhost", NULL, NULL, NULL, NULL, flags, &connection) != SASL_OK) abort();
  return connection;
}

static void user_added(const char *name, const char *password) {
  sasl_conn_t *connection = connect_to(0);
  int code = sasl_setpass(connection, name, password, (unsigned)strlen(password), NULL, 0, SASL_SET_CREATE);
  if (code != SASL_OK) fprintf(stderr, "%s: %s\n", name, sasl_errdetail(connection));
  if (code != SASL_OK) abort();
  sasl_dispose(&connection);
}

/* The options: external=USER, channel-binding (base64) with channel-binding-type, and success-data,
   the flag that makes a server send its last message with its success. */
static void *open_exchange(const char *mechanism, const struct list *options) {
  struct exchange *exchange = calloc(1, sizeof *exchange);
  const char *external = find(options, "external");
  exchange->connection = connect_to(find(options, "success-data") ? SASL_SUCCESS_DATA : 0);
  exchange->mechanism = strdup(mechanism);
  if (external) sasl_setprop(exchange->connection, SASL_AUTH_EXTERNAL, external);
  const char *binding = find(options, "channel-binding");
  if (binding) {
    size_t length;
    char *word = malloc(strlen(binding) + 2);
    sprintf(word, "+%s", binding);
    exchange->binding_data = decode(word, &length);
    free(word);
    exchange->binding_type = strdup(find(options, "channel-binding-type"));
    exchange->binding = (sasl_channel_binding_t){.name = exchange->binding_type, .critical = 1, .len = length, .data = (unsigned char *)exchange->binding_data};
    sasl_setprop(exchange->connection, SASL_CHANNEL_BINDING, &exchange->binding);
  }
  return exchange;
}

static void close_exchange(void *given) {
  struct exchange *exchange = given;
  sasl_dispose(&exchange->connection);
  free(exchange->mechanism);
  free(exchange->binding_type);
  free(exchange->binding_data);
  free(exchange);
}

static struct reply step_exchange(void *given, const char *token, size_t length) {
  struct exchange *exchange = given;
  const char *out = NULL;
  unsigned out_length = 0;
  int code;
  if (exchange->started++) {
    code = sasl_server_step(exchange->connection, token, (unsigned)length, &out, &out_length);
  } else {
    /* If the server speaks first, libsasl must know that there was no message. */
    int server_first = strstr(exchange->mechanism, "-MD5") != NULL && length == 0;
    code = sasl_server_start(exchange->connection, exchange->mechanism, server_first ? NULL : token, (unsigned)length,
                             &out, &out_length);
  }
  if (code == SASL_CONTINUE) return (struct reply){.outcome = CHALLENGE, .token = out, .length = out_length};
  if (code != SASL_OK) return (struct reply){.outcome = FAILURE, .text = sasl_errdetail(exchange->connection)};
  const char *user = "";
  sasl_getprop(exchange->connection, SASL_USERNAME, (const void **)&user);
  return (struct reply){.outcome = SUCCESS, .token = out, .length = out_length, .text = user};
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  snprintf(database, sizeof database, "%s/sasldb", arguments[1]);
  if (sasl_server_init(callbacks, "interop") != SASL_OK) return 1;
  return serve();
}
