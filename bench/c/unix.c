/* The same on Unix stream sockets. */

#include <sys/socket.h>
#include "stream.h"
#include "unix.h"
#include "work.h"

static int dial(int peer) {
  struct sockaddr_un name;
  name_peer(&name, peer);
  int fd = must("socket", socket(AF_UNIX, SOCK_STREAM, 0));
  must("connect", connect(fd, (struct sockaddr *)&name, sizeof name));
  return fd;
}

int64_t unix_pingpong(int peer, int64_t amount, int size) {
  return exchange(dial(peer), amount, size);
}

int64_t unix_send(int peer, int64_t amount, int size) {
  return pour(dial(peer), amount, size);
}

int64_t unix_receive(int peer, int64_t amount, int size) {
  return drink(dial(peer), amount, size);
}
