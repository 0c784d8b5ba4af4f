/*
 * The other end of every stream row: peer echo | sink | count | source | dial | crowd prints its port and serves one connection
 * after the other until it is killed; with "unix-" in front it prints the number of its path
 * (unix.h). ../programs/peer.ts does the same where there is no compiler.
 */

#include <arpa/inet.h>
#include <endian.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "unix.h"

/** Nobody needs a peer for longer, in seconds: should its parent be killed, it ends by itself. */
enum { LIFETIME = 3600, BACKLOG = 4096, AT_A_TIME = 64 };

static char buffer[65536];

/** Whether all bytes went out; a client that has gone is not the peer's failure. */
static int send_all(int fd, const void *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t count = send(fd, (const char *)bytes + done, size - done, MSG_NOSIGNAL);
    if (count < 0) return 0;
    done += count;
  }
  return 1;
}

/** Sends everything back. */
static void echo(int fd) {
  ssize_t count;
  while ((count = recv(fd, buffer, sizeof buffer, 0)) > 0)
    if (!send_all(fd, buffer, count)) return;
}

/** Takes everything, then says how many bytes there were. */
static void sink(int fd) {
  uint64_t total = 0;
  ssize_t count;
  while ((count = recv(fd, buffer, sizeof buffer, 0)) > 0) total += count;
  total = htole64(total);
  send_all(fd, &total, sizeof total);
}

/** Is told how many bytes come, takes them, and says that there were so many. */
static void count(int fd) {
  uint64_t wanted, total = 0;
  ssize_t came;
  if (recv(fd, &wanted, sizeof wanted, MSG_WAITALL) != sizeof wanted) return;
  while (total < le64toh(wanted) && (came = recv(fd, buffer, sizeof buffer, 0)) > 0) total += came;
  total = htole64(total);
  send_all(fd, &total, sizeof total);
}

/** Reads how many bytes are wanted, then sends them. */
static void source(int fd) {
  uint64_t left = 0;
  if (recv(fd, &left, sizeof left, MSG_WAITALL) != sizeof left) return;
  for (left = le64toh(left); left > 0;) {
    size_t size = left < sizeof buffer ? left : sizeof buffer;
    if (!send_all(fd, buffer, size)) return;
    left -= size;
  }
}

/** Is told a port and a number: connects there as often, some at a time, and waits for the end of each. */
static void dial(int fd) {
  uint64_t wanted[2];
  if (recv(fd, wanted, sizeof wanted, MSG_WAITALL) != sizeof wanted) return;
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(le64toh(wanted[0]))};
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fds[AT_A_TIME];
  for (uint64_t left = le64toh(wanted[1]); left > 0;) {
    int count = 0;
    for (; count < AT_A_TIME && left > 0; count++, left--) {
      fds[count] = socket(AF_INET, SOCK_STREAM, 0);
      if (connect(fds[count], (struct sockaddr *)&name, sizeof name) < 0) exit(1);
    }
    for (int i = 0; i < count; i++) {
      recv(fds[i], buffer, 1, 0);
      close(fds[i]);
    }
  }
}

static int listener;

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) exit(1);
}

/** Sends everything back to everybody at once, for ever. */
static void crowd(int first) {
  int epoll = epoll_create1(0);
  watch(epoll, first);
  watch(epoll, listener);
  for (;;) {
    struct epoll_event events[AT_A_TIME];
    int ready = epoll_wait(epoll, events, AT_A_TIME, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) {
        watch(epoll, accept(listener, NULL, NULL));
        continue;
      }
      ssize_t count = recv(fd, buffer, sizeof buffer, 0);
      if (count <= 0 || !send_all(fd, buffer, count)) close(fd);
    }
  }
}

static const struct {
  const char *name;
  void (*serve)(int fd);
} peers[] = {{"echo", echo}, {"sink", sink}, {"count", count}, {"source", source}, {"dial", dial}, {"crowd", crowd}};

static int fail(const char *what) {
  perror(what);
  return 1;
}

/** Listens on a loopback port that the kernel chooses, and prints it. */
static int listen_inet(void) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof name;
  int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (listener < 0 || bind(listener, (struct sockaddr *)&name, length) < 0) return -1;
  if (listen(listener, BACKLOG) < 0) return -1;
  if (getsockname(listener, (struct sockaddr *)&name, &length) < 0) return -1;
  printf("%d\n", ntohs(name.sin_port));
  return listener;
}

/** Where a Unix peer listens, and what removes it when the peer is killed. */
static struct sockaddr_un path;

static void leave(int signal) {
  (void)signal;
  unlink(path.sun_path);
  _exit(0);
}

/** Listens at the path of this process's number, and prints that. */
static int listen_unix(void) {
  name_peer(&path, getpid());
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&path, sizeof path) < 0) return -1;
  signal(SIGTERM, leave);
  signal(SIGALRM, leave);
  if (listen(listener, BACKLOG) < 0) return -1;
  printf("%d\n", getpid());
  return listener;
}

int main(int argc, char **argv) {
  const char *name = argc == 2 ? argv[1] : "";
  int local = strncmp(name, "unix-", 5) == 0;
  void (*serve)(int fd) = NULL;
  for (size_t i = 0; i < sizeof peers / sizeof *peers; i++)
    if (strcmp(peers[i].name, name + (local ? 5 : 0)) == 0) serve = peers[i].serve;
  if (serve == NULL) {
    fprintf(stderr, "usage: peer [unix-]echo | [unix-]sink | [unix-]source | dial | crowd\n");
    return 2;
  }

  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  listener = local ? listen_unix() : listen_inet();
  if (listener < 0) return fail("listen");
  fflush(stdout);
  alarm(LIFETIME);

  for (;;) {
    int fd = accept(listener, NULL, NULL), on = 1;
    if (fd < 0) return fail("accept");
    if (!local) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    serve(fd);
    close(fd);
  }
}
