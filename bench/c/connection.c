/* Connections that are made and closed. */

#include <arpa/inet.h>
#include <endian.h>
#include <sys/socket.h>
#include <unistd.h>
#include "work.h"

enum { BACKLOG = 4096 };

static int dial(int port) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = must("socket", socket(AF_INET, SOCK_STREAM, 0));
  must("connect", connect(fd, (struct sockaddr *)&peer, sizeof peer));
  return fd;
}

/** Connects and closes, amount times: how often; the peer has accepted all of them by then. */
int64_t connects(int port, int64_t amount, int size) {
  (void)size;
  int64_t made = 0;
  for (; made < amount - 1; made++) close(dial(port));
  int last = dial(port);
  char byte;
  must("shutdown", shutdown(last, SHUT_WR));
  made += must("recv", recv(last, &byte, 1, 0)) == 0;
  close(last);
  return made;
}

/** Accepts and closes what the peer connects, amount times: how often. */
int64_t accepts(int port, int64_t amount, int size) {
  (void)size;
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof name;
  int listener = must("socket", socket(AF_INET, SOCK_STREAM, 0));
  must("bind", bind(listener, (struct sockaddr *)&name, length));
  must("listen", listen(listener, BACKLOG));
  must("getsockname", getsockname(listener, (struct sockaddr *)&name, &length));
  int peer = dial(port);
  uint64_t wanted[] = {htole64(ntohs(name.sin_port)), htole64(amount)};
  must("send", send(peer, wanted, sizeof wanted, MSG_NOSIGNAL));
  int64_t made = 0;
  for (; made < amount; made++) close(must("accept", accept(listener, NULL, NULL)));
  close(peer);
  close(listener);
  return made;
}
