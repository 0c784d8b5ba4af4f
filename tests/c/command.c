// A command of WASI 0.2: wasi-libc with the adapter of preview1, and the sockets of wasi:sockets as the canonical ABI
// has them for core modules. Its first argument says what it does; what fails is its exit code, 100 and the number of
// wasi:sockets/network's error code.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IMPORT(module, name) __attribute__((import_module(module "@0.2.0"), import_name(name)))
#define ADDRESS int tag, int port, int a, int b, int c, int d, int e, int f, int g, int h, int i, int j
#define LOOPBACK(port) 0, port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0

IMPORT("wasi:cli/exit", "exit-with-code") void exit_with_code(int code);
IMPORT("wasi:sockets/instance-network", "instance-network") int instance_network(void);
IMPORT("wasi:sockets/tcp-create-socket", "create-tcp-socket") void create_tcp_socket(int family, uint8_t *out);
IMPORT("wasi:sockets/tcp", "[method]tcp-socket.start-connect")
void start_connect(int socket, int network, ADDRESS, uint8_t *out);
IMPORT("wasi:sockets/tcp", "[method]tcp-socket.finish-connect") void finish_connect(int socket, uint8_t *out);
IMPORT("wasi:sockets/tcp", "[method]tcp-socket.start-bind")
void start_bind(int socket, int network, ADDRESS, uint8_t *out);
IMPORT("wasi:sockets/tcp", "[method]tcp-socket.finish-bind") void finish_bind(int socket, uint8_t *out);
IMPORT("wasi:sockets/tcp", "[method]tcp-socket.start-listen") void start_listen(int socket, uint8_t *out);
IMPORT("wasi:sockets/tcp", "[method]tcp-socket.finish-listen") void finish_listen(int socket, uint8_t *out);
IMPORT("wasi:sockets/tcp", "[method]tcp-socket.accept") void accept_connection(int socket, uint8_t *out);
IMPORT("wasi:sockets/tcp", "[method]tcp-socket.local-address") void local_address(int socket, uint8_t *out);
IMPORT("wasi:sockets/tcp", "[method]tcp-socket.subscribe") int subscribe(int socket);
IMPORT("wasi:sockets/tcp", "[resource-drop]tcp-socket") void drop_socket(int socket);
IMPORT("wasi:sockets/ip-name-lookup", "resolve-addresses")
void resolve_addresses(int network, const char *name, int length, uint8_t *out);
IMPORT("wasi:sockets/ip-name-lookup", "[method]resolve-address-stream.resolve-next-address")
void resolve_next_address(int stream, uint8_t *out);
IMPORT("wasi:sockets/ip-name-lookup", "[method]resolve-address-stream.subscribe") int subscribe_answers(int stream);
IMPORT("wasi:io/poll", "[method]pollable.block") void block(int pollable);
IMPORT("wasi:io/poll", "[resource-drop]pollable") void drop_pollable(int pollable);
IMPORT("wasi:io/poll", "poll") void poll_list(int *pollables, int count, uint8_t *out);
IMPORT("wasi:io/streams", "[method]input-stream.subscribe") int subscribe_input(int input);
IMPORT("wasi:io/streams", "[method]input-stream.blocking-read")
void blocking_read(int input, int64_t length, uint8_t *out);
IMPORT("wasi:io/streams", "[method]output-stream.blocking-write-and-flush")
void blocking_write_and_flush(int output, const char *contents, int length, uint8_t *out);
IMPORT("wasi:io/streams", "[method]output-stream.check-write") void check_write(int output, uint8_t *out);
IMPORT("wasi:io/streams", "[method]output-stream.write")
void write_output(int output, const char *contents, int length, uint8_t *out);
IMPORT("wasi:io/streams", "[resource-drop]input-stream") void drop_input(int input);
IMPORT("wasi:io/streams", "[resource-drop]output-stream") void drop_output(int output);

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, int old_size, int align, int size) {
  return realloc(old, size);
}

// What a call gives: whether it has failed, and what.
static uint8_t out[64] __attribute__((aligned(8)));

enum { WOULD_BLOCK = 8 };

static int at(int offset) {
  int value;
  memcpy(&value, out + offset, sizeof value);
  return value;
}

static void expect(int error) {
  if (out[0] != 0) exit_with_code(100 + out[error]);
}

static void await(int pollable) {
  block(pollable);
  drop_pollable(pollable);
}

static int open_socket(void) {
  create_tcp_socket(0, out);
  expect(4);
  return at(4);
}

static int input, output;

static int connect_to(int port) {
  int socket = open_socket();
  start_connect(socket, instance_network(), LOOPBACK(port), out);
  expect(1);
  await(subscribe(socket));
  finish_connect(socket, out);
  expect(4);
  input = at(4);
  output = at(8);
  return socket;
}

static int listen_at(int port) {
  int socket = open_socket();
  start_bind(socket, instance_network(), LOOPBACK(port), out);
  expect(1);
  finish_bind(socket, out);
  expect(1);
  start_listen(socket, out);
  expect(1);
  finish_listen(socket, out);
  expect(1);
  return socket;
}

static void say(const char *text) {
  puts(text);
  fflush(stdout);
}

static void connect_(int port, const char *text) {
  connect_to(port);
}

// Sends a text, and writes what comes back.
static void converse(int port, const char *text) {
  int length = strlen(text);
  connect_to(port);
  blocking_write_and_flush(output, text, length, out);
  expect(4);
  for (int got = 0; got < length;) {
    blocking_read(input, length - got, out);
    if (out[0] != 0) exit_with_code(99);
    fwrite((char *)at(4), 1, at(8), stdout);
    got += at(8);
  }
}

// Writes as much as it may without waiting, says how much, and ends.
static void pour(int port, const char *code) {
  static char bytes[65536];
  int total = 0;
  connect_to(port);
  for (;;) {
    check_write(output, out);
    expect(8);
    int permit = at(8);
    if (permit == 0) break;
    if (permit > (int)sizeof bytes) permit = sizeof bytes;
    memset(bytes, 'x', permit);
    write_output(output, bytes, permit, out);
    expect(4);
    total += permit;
  }
  printf("%d\n", total);
  fflush(stdout);
  if (*code != 0) exit_with_code(atoi(code));
}

// Answers so many connections, after it has said where it listens.
static void serve(int port, const char *count) {
  int socket = listen_at(port);
  local_address(socket, out);
  expect(4);
  printf("%d\n", (uint16_t)at(8));
  fflush(stdout);
  for (int left = atoi(count); left > 0; left--) {
    do {
      await(subscribe(socket));
      accept_connection(socket, out);
    } while (out[0] != 0 && out[4] == WOULD_BLOCK);
    expect(4);
    int accepted = at(4);
    input = at(8);
    output = at(12);
    blocking_write_and_flush(output, "served", 6, out);
    expect(4);
    drop_input(input);
    drop_output(output);
    drop_socket(accepted);
  }
}

static void resolve(int port, const char *name) {
  resolve_addresses(instance_network(), name, strlen(name), out);
  expect(4);
  int stream = at(4);
  for (;;) {
    resolve_next_address(stream, out);
    if (out[0] == 0) break;
    if (out[2] != WOULD_BLOCK) expect(2);
    await(subscribe_answers(stream));
  }
  printf("%d.%d.%d.%d\n", out[6], out[7], out[8], out[9]);
}

static void cat(int port, const char *text) {
  char buffer[4096];
  for (size_t count; (count = fread(buffer, 1, sizeof buffer, stdin)) > 0;) fwrite(buffer, 1, count, stdout);
}

static void variable(int port, const char *name) {
  const char *value = getenv(name);
  say(value == NULL ? "(none)" : value);
}

static void leave(int code, const char *text) {
  exit_with_code(code);
}

static void fails(int port, const char *text) {
  exit(3); // wasi-libc has no more than "failed" for it
}

static void traps(int port, const char *text) {
  __builtin_trap();
}

// What waits or works for ever, once it has said that it is ready.

static void receives(int port, const char *text) {
  connect_to(port);
  say("ready");
  blocking_read(input, 1, out);
}

static void accepts(int port, const char *text) {
  int socket = listen_at(0);
  say("ready");
  await(subscribe(socket));
}

static void polls(int port, const char *text) {
  int pollables[] = {0, subscribe(listen_at(0))};
  connect_to(port);
  pollables[0] = subscribe_input(input);
  say("ready");
  poll_list(pollables, 2, out);
}

static void reads(int port, const char *text) {
  say("ready");
  getchar();
}

static void sleeps(int port, const char *text) {
  say("ready");
  sleep(3600);
}

static void spins(int port, const char *text) {
  say("ready");
  for (volatile int i = 0;; i++) {
  }
}

static void churns(int port, const char *text) {
  say("ready");
  for (;;) drop_socket(open_socket());
}

static const struct {
  const char *name;
  void (*work)(int port, const char *text);
} works[] = {
    {"connect", connect_}, {"converse", converse}, {"pour", pour}, {"serve", serve}, {"resolve", resolve},
    {"cat", cat},          {"variable", variable}, {"exit", leave},  {"fail", fails},
    {"trap", traps},       {"recv", receives},     {"accept", accepts}, {"poll", polls},
    {"read", reads},       {"sleep", sleeps},      {"spin", spins},  {"churn", churns},
};

// command NAME [PORT [TEXT]]
int main(int count, char **args) {
  for (size_t i = 0; count > 1 && i < sizeof works / sizeof *works; i++) {
    if (strcmp(works[i].name, args[1]) != 0) continue;
    works[i].work(count > 2 ? atoi(args[2]) : 0, count > 3 ? args[3] : "");
    return 0;
  }
  return 0;
}
