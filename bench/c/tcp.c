/* TCP against the peer of peer.c, in blocking calls. */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include "stream.h"
#include "work.h"

static int dial(int port) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, "127.0.0.1", &peer.sin_addr);
  int fd = must("socket", socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
  must("connect", connect(fd, (struct sockaddr *)&peer, sizeof peer));
  return fd;
}

int64_t pingpong(int port, int64_t amount, int size) {
  int fd = dial(port), on = 1;
  must("setsockopt", setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  return exchange(fd, amount, size);
}

int64_t send_all(int port, int64_t amount, int size) {
  return pour(dial(port), amount, size);
}

int64_t receive_all(int port, int64_t amount, int size) {
  return drink(dial(port), amount, size);
}
