/* A connection through bsd_sockets_v1, whose numbers are Linux's. A call that fails ends the guest. */

#include <stdint.h>

#define IMPORT(name) __attribute__((import_module("bsd_sockets_v1"), import_name(name)))

IMPORT("socket") int32_t bsd_socket(int32_t domain, int32_t type, int32_t protocol);
IMPORT("connect") int32_t bsd_connect(int32_t fd, const void *address, int32_t length);
IMPORT("send") int32_t bsd_send(int32_t fd, const void *buffer, int32_t size, int32_t flags);
IMPORT("recv") int32_t bsd_recv(int32_t fd, void *buffer, int32_t size, int32_t flags);
IMPORT("shutdown") int32_t bsd_shutdown(int32_t fd, int32_t how);
IMPORT("setsockopt") int32_t bsd_setsockopt(int32_t fd, int32_t level, int32_t name, const void *value, int32_t size);
IMPORT("close") int32_t bsd_close(int32_t fd);

static int32_t must(int32_t result) {
  if (result < 0) __builtin_trap();
  return result;
}

static int dial(int32_t port) {
  uint8_t address[16] = {2, 0, port >> 8, port, 127, 0, 0, 1};
  int fd = must(bsd_socket(2, 1, 0));
  must(bsd_connect(fd, address, sizeof address));
  return fd;
}

static void no_delay(int fd) {
  int32_t on = 1;
  must(bsd_setsockopt(fd, 6, 1, &on, sizeof on));
}

static int32_t transmit(int fd, const char *bytes, int32_t size) { return must(bsd_send(fd, bytes, size, 0)); }
static int32_t receive_some(int fd, char *bytes, int32_t size) { return must(bsd_recv(fd, bytes, size, 0)); }
static void end_sending(int fd) { must(bsd_shutdown(fd, 1)); }
static void hang_up(int fd) { must(bsd_close(fd)); }
