/*
 * The line protocol of peer.mjs for servers in C. A file that includes this has the users and must define three
 * functions.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum outcome { CHALLENGE, SUCCESS, FAILURE };

struct reply {
  enum outcome outcome;
  const char *token; /* NULL: no token */
  size_t length;
  const char *text; /* the user that is logged in, or the reason for a failure */
};

struct pair {
  char *key;
  char *value;
};

struct list {
  struct pair items[64];
  size_t count;
};

static struct list users, proxies;

static void *open_exchange(const char *mechanism, const struct list *options);
static struct reply step_exchange(void *exchange, const char *token, size_t length);
static void close_exchange(void *exchange);
static void user_added(const char *name, const char *password);

static void add(struct list *list, char *key, char *value) {
  if (list->count == sizeof list->items / sizeof *list->items) abort();
  list->items[list->count++] = (struct pair){key, value};
}

static const char *find(const struct list *list, const char *key) {
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->items[i].key, key) == 0) return list->items[i].value;
  }
  return NULL;
}

static int may_act_as(const char *user, const char *role) {
  if (strcmp(user, role) == 0) return 1;
  for (size_t i = 0; i < proxies.count; i++) {
    if (strcmp(proxies.items[i].key, user) == 0 && strcmp(proxies.items[i].value, role) == 0) return 1;
  }
  return 0;
}

/* The same for a Kerberos principal: for roles, alice@REALM is alice. */
static inline int principal_may_act_as(const char *principal, const char *role) {
  char *local = strndup(principal, strcspn(principal, "@"));
  int allowed = strcmp(principal, role) == 0 || may_act_as(local, role);
  free(local);
  return allowed;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* "+" and base64; "-" for nothing. The result ends with a NUL, which *length does not count. */
static char *decode(const char *word, size_t *length) {
  char *out = malloc(strlen(word) + 1);
  unsigned bits = 0, count = 0;
  size_t used = 0;
  if (word[0] != '-') {
    for (const char *c = word + 1; *c && *c != '='; c++) {
      bits = bits << 6 | (unsigned)(strchr(alphabet, *c) - alphabet);
      count += 6;
      if (count >= 8) out[used++] = (char)(bits >> (count -= 8));
    }
  }
  out[used] = 0;
  if (length) *length = used;
  return out;
}

static void print_word(const char *data, size_t length) {
  if (!data) {
    fputs(" -", stdout);
    return;
  }
  fputs(" +", stdout);
  for (size_t i = 0; i < length; i += 3) {
    unsigned bits = 0;
    for (size_t k = 0; k < 3; k++) bits = bits << 8 | (i + k < length ? (unsigned char)data[i + k] : 0);
    for (size_t k = 0; k < 4; k++) putchar(i + k > length ? '=' : alphabet[bits >> (18 - 6 * k) & 63]);
  }
}

static void print_reply(struct reply reply) {
  static const char *const names[] = {"challenge", "success", "failure"};
  fputs(names[reply.outcome], stdout);
  if (reply.outcome != FAILURE) print_word(reply.token, reply.length);
  if (reply.outcome != CHALLENGE) print_word(reply.text, strlen(reply.text));
  putchar('\n');
}

enum { SLOTS = 64 };

static void *exchanges[SLOTS];

static void answer(char **words, size_t count) {
  if (strcmp(words[0], "user") == 0) {
    char *name = decode(words[1], NULL), *password = decode(words[2], NULL);
    add(&users, name, password);
    user_added(name, password);
    puts("ok");
  } else if (strcmp(words[0], "proxy") == 0) {
    add(&proxies, decode(words[1], NULL), decode(words[2], NULL));
    puts("ok");
  } else if (strcmp(words[0], "open") == 0) { /* open ID PROVIDER MECHANISM name=value ... */
    static struct list options;
    void **exchange = &exchanges[atoi(words[1]) % SLOTS];
    if (*exchange) close_exchange(*exchange);
    for (size_t i = 0; i < options.count; i++) free(options.items[i].value);
    options.count = 0;
    for (size_t i = 4; i < count; i++) {
      char *equals = strchr(words[i], '=');
      *equals = 0;
      add(&options, words[i], decode(equals + 1, NULL));
    }
    *exchange = open_exchange(words[3], &options);
    if (*exchange) puts("ok");
    else print_reply((struct reply){.outcome = FAILURE, .text = "no such mechanism"});
  } else if (strcmp(words[0], "step") == 0) { /* step ID TOKEN */
    size_t length;
    char *token = decode(words[2], &length);
    print_reply(step_exchange(exchanges[atoi(words[1]) % SLOTS], token, length));
    free(token);
  } else {
    print_reply((struct reply){.outcome = FAILURE, .text = "unknown command"});
  }
}

static int serve(void) {
  static char line[65536];
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    char *words[32];
    size_t count = 0;
    for (char *word = strtok(line, " \n"); word && count < 32; word = strtok(NULL, " \n")) words[count++] = word;
    if (count > 0) answer(words, count);
  }
  return 0;
}
