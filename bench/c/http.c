/* An HTTP/1.1 server that says hello, in one thread, by epoll(7): prints its port and serves until it is killed. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "work.h"

enum { BACKLOG = 4096, EVENTS = 256, LIFETIME = 3600 };

static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";
static char request[4096];

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  must("epoll_ctl", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

/** Answers a request; the client sends the next one when it has the answer. */
static void answer(int fd) {
  ssize_t count = recv(fd, request, sizeof request, 0);
  if (count <= 0) close(fd);
  else if (count >= 4 && memcmp(request + count - 4, "\r\n\r\n", 4) == 0)
    send(fd, reply, sizeof reply - 1, MSG_NOSIGNAL);
}

int main(void) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof name;
  int listener = must("socket", socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  must("bind", bind(listener, (struct sockaddr *)&name, length));
  must("listen", listen(listener, BACKLOG));
  must("getsockname", getsockname(listener, (struct sockaddr *)&name, &length));
  printf("%d\n", ntohs(name.sin_port));
  fflush(stdout);
  alarm(LIFETIME);
  int epoll = must("epoll_create1", epoll_create1(0));
  watch(epoll, listener);
  for (;;) {
    struct epoll_event events[EVENTS];
    int ready = must("epoll_wait", epoll_wait(epoll, events, EVENTS, -1));
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd != listener) answer(fd);
      else
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) watch(epoll, fd);
    }
  }
}
