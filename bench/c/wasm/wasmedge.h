/* A connection through WasmEdge's sockets, version 2. A call that fails ends the guest. */

#include <stdint.h>

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

struct address { void *buf; uint32_t buf_len; };
struct vector { const void *buf; uint32_t buf_len; };

IMPORT("sock_open") int32_t sock_open(int32_t family, int32_t type, uint32_t *fd);
IMPORT("sock_connect") int32_t sock_connect(int32_t fd, const struct address *address, int32_t port);
IMPORT("sock_send") int32_t sock_send(int32_t fd, const struct vector *, uint32_t count, int32_t flags, uint32_t *sent);
IMPORT("sock_recv")
int32_t sock_recv(int32_t fd, const struct vector *, uint32_t count, int32_t flags, uint32_t *size, uint16_t *out);
IMPORT("sock_shutdown") int32_t sock_shutdown(int32_t fd, int32_t how);
IMPORT("sock_setsockopt")
int32_t sock_setsockopt(int32_t fd, int32_t level, int32_t name, const void *value, uint32_t size);
IMPORT("fd_close") int32_t fd_close(int32_t fd);

static void must(int32_t error) {
  if (error != 0) __builtin_trap();
}

static int dial(int32_t port) {
  uint8_t storage[128] = {1, 0, 127, 0, 0, 1};
  struct address address = {storage, sizeof storage};
  uint32_t fd;
  must(sock_open(1, 2, &fd));
  must(sock_connect(fd, &address, port));
  return fd;
}

static void no_delay(int fd) {
  int32_t on = 1;
  must(sock_setsockopt(fd, 6, 15, &on, sizeof on));
}

static int32_t transmit(int fd, const char *bytes, int32_t size) {
  struct vector vector = {bytes, size};
  uint32_t sent;
  must(sock_send(fd, &vector, 1, 0, &sent));
  return sent;
}

static int32_t receive_some(int fd, char *bytes, int32_t size) {
  struct vector vector = {bytes, size};
  uint32_t received;
  uint16_t flags;
  must(sock_recv(fd, &vector, 1, 0, &received, &flags));
  return received;
}

static void end_sending(int fd) { must(sock_shutdown(fd, 2)); }
static void hang_up(int fd) { must(fd_close(fd)); }
