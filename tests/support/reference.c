// Runs scripts of socket calls, statement by statement, and prints what each gives: a result, or the
// name of an error. tests/reference.test.ts holds the scripts, and runs them with the TypeScript API.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct name { const char *name; int number; };
static const struct name names[] = {
  {"-", 0},
  {"unspec", AF_UNSPEC}, {"unix", AF_UNIX}, {"inet", AF_INET}, {"inet6", AF_INET6},
  {"stream", SOCK_STREAM}, {"datagram", SOCK_DGRAM}, {"raw", SOCK_RAW}, {"rdm", SOCK_RDM},
  {"seqpacket", SOCK_SEQPACKET}, {"dccp", SOCK_DCCP}, {"packet", SOCK_PACKET},
  {"cloexec", SOCK_CLOEXEC}, {"nonblock", SOCK_NONBLOCK}, // O_NONBLOCK is the same number
  {"append", O_APPEND}, {"async", O_ASYNC},
  {"oob", MSG_OOB}, {"peek", MSG_PEEK}, {"dontroute", MSG_DONTROUTE}, {"trunc", MSG_TRUNC},
  {"dontwait", MSG_DONTWAIT}, {"eor", MSG_EOR}, {"waitall", MSG_WAITALL}, {"confirm", MSG_CONFIRM},
  {"errqueue", MSG_ERRQUEUE}, {"nosignal", MSG_NOSIGNAL}, {"more", MSG_MORE}, {"syn", MSG_SYN},
  {"fastopen", MSG_FASTOPEN}, {"zerocopy", MSG_ZEROCOPY}, {"cmsg-cloexec", MSG_CMSG_CLOEXEC},
  {"read", SHUT_RD}, {"write", SHUT_WR}, {"both", SHUT_RDWR},
};
static const struct name protocols[] = {
  {"ip", IPPROTO_IP}, {"icmp", IPPROTO_ICMP}, {"igmp", IPPROTO_IGMP}, {"ipip", IPPROTO_IPIP},
  {"tcp", IPPROTO_TCP}, {"egp", IPPROTO_EGP}, {"pup", IPPROTO_PUP}, {"udp", IPPROTO_UDP},
  {"idp", IPPROTO_IDP}, {"tp", IPPROTO_TP}, {"dccp", IPPROTO_DCCP}, {"ipv6", IPPROTO_IPV6},
  {"rsvp", IPPROTO_RSVP}, {"gre", IPPROTO_GRE}, {"esp", IPPROTO_ESP}, {"ah", IPPROTO_AH},
  {"icmpv6", IPPROTO_ICMPV6}, {"mtp", IPPROTO_MTP}, {"beetph", IPPROTO_BEETPH},
  {"encap", IPPROTO_ENCAP}, {"pim", IPPROTO_PIM}, {"comp", IPPROTO_COMP}, {"sctp", IPPROTO_SCTP},
  {"udplite", IPPROTO_UDPLITE}, {"mpls", IPPROTO_MPLS}, {"raw", IPPROTO_RAW}, {"mptcp", 262},
};
static const struct name levels[] = {
  {"socket", SOL_SOCKET}, {"ip", IPPROTO_IP}, {"ipv6", IPPROTO_IPV6}, {"tcp", IPPROTO_TCP},
};
static const struct name options[] = {
  {"acceptconn", SO_ACCEPTCONN}, {"broadcast", SO_BROADCAST}, {"domain", SO_DOMAIN},
  {"error", SO_ERROR}, {"keepalive", SO_KEEPALIVE}, {"protocol", SO_PROTOCOL}, {"type", SO_TYPE},
  {"nodelay", TCP_NODELAY}, {"keepcnt", TCP_KEEPCNT}, {"ttl", IP_TTL}, {"v6only", IPV6_V6ONLY},
};

// One name, or several joined by "+"; anything else is a number.
static int lookup(const struct name *set, size_t count, char *word) {
  int bits = 0;
  for (char *part = strsep(&word, "+"); part; part = strsep(&word, "+")) {
    size_t i = 0;
    while (i < count && strcmp(set[i].name, part)) i++;
    bits |= i < count ? set[i].number : atoi(part);
  }
  return bits;
}
#define NUMBER(set, word) lookup(set, sizeof set / sizeof *set, word)

static int sockets[26];
#define SOCKET(word) sockets[(word)[0] - 'A']

static union { struct sockaddr any; struct sockaddr_in in; struct sockaddr_in6 in6; struct sockaddr_un un; char bytes[128]; } place;

static void inet(const char *text, int port) {
  place.in.sin_family = AF_INET;
  place.in.sin_port = htons(port);
  inet_pton(AF_INET, text, &place.in.sin_addr);
}
static void inet6(const char *text, int port) {
  place.in6.sin6_family = AF_INET6;
  place.in6.sin6_port = htons(port);
  inet_pton(AF_INET6, text, &place.in6.sin6_addr);
}
// Writes the address that a word stands for: its length.
static socklen_t address(const char *word) {
  memset(&place, 0, sizeof place);
  if (*word == '@') {
    socklen_t length = sizeof place;
    getsockname(SOCKET(word + 1), &place.any, &length);
    return length;
  }
  if (!strcmp(word, "loopback")) return inet("127.0.0.1", 0), sizeof place.in;
  if (!strcmp(word, "foreign")) return inet("203.0.113.1", 9), sizeof place.in;
  if (!strcmp(word, "broadcast")) return inet("255.255.255.255", 9), sizeof place.in;
  if (!strcmp(word, "loopback6")) return inet6("::1", 0), sizeof place.in6;
  if (!strcmp(word, "foreign6")) return inet6("::1", 9), sizeof place.in6;
  if (!strcmp(word, "unspec")) return 16;
  if (!strcmp(word, "family99")) return place.any.sa_family = 99, 16;
  if (!strcmp(word, "tiny")) return place.any.sa_family = AF_INET, 2;
  place.un.sun_family = AF_UNIX;
  if (*word != '/') return sizeof place.un.sun_family;
  strcpy(place.un.sun_path, word);
  return offsetof(struct sockaddr_un, sun_path) + strlen(word) + 1;
}

static void report(long result) {
  if (result < 0) puts(strerrorname_np(errno));
  else printf("%ld\n", result);
}
static void report_socket(char *word, int fd) {
  if (fd >= 0) SOCKET(word) = fd;
  report(fd < 0 ? -1 : 0);
}
static void report_name(int result) {
  char text[64] = "";
  if (result < 0) return report(-1);
  if (place.any.sa_family == AF_UNIX) { puts("unix"); return; }
  int six = place.any.sa_family == AF_INET6;
  inet_ntop(place.any.sa_family, six ? (void *)&place.in6.sin6_addr : (void *)&place.in.sin_addr, text, sizeof text);
  printf("%s %s\n", text, place.in.sin_port ? "bound" : "0");
}

static void run(char **word) {
  static char bytes[1 << 17];
  const char *verb = word[0];
#define IS(name) if (!strcmp(verb, name))
  int fd = word[1] ? SOCKET(word[1]) : -1;
  int value = 0;
  int pair[2];
  socklen_t length = sizeof value;
  IS("socket") return report_socket(word[1], socket(NUMBER(names, word[2]), NUMBER(names, word[3]), NUMBER(protocols, word[4])));
  IS("pair") {
    int result = socketpair(NUMBER(names, word[3]), NUMBER(names, word[4]), 0, pair);
    if (!result) SOCKET(word[1]) = pair[0], SOCKET(word[2]) = pair[1];
    return report(result);
  }
  IS("bind") { length = address(word[2]); return report(bind(fd, &place.any, length)); }
  IS("connect") { length = address(word[2]); return report(connect(fd, &place.any, length)); }
  IS("listen") return report(listen(fd, atoi(word[2])));
  IS("accept") return report_socket(word[1], accept(SOCKET(word[2]), 0, 0));
  IS("shutdown") return report(shutdown(fd, NUMBER(names, word[2])));
  IS("close") return report(close(fd));
  IS("send") return report(send(fd, bytes, atoi(word[2]), NUMBER(names, word[3])));
  IS("recv") return report(recv(fd, bytes, atoi(word[2]), NUMBER(names, word[3])));
  IS("recvfrom") { length = sizeof place; return report(recvfrom(fd, bytes, atoi(word[2]), NUMBER(names, word[3]), &place.any, &length)); }
  IS("sendto") {
    length = strcmp(word[4], "-") ? address(word[4]) : 0;
    return report(sendto(fd, bytes, atoi(word[2]), NUMBER(names, word[3]), length ? &place.any : 0, length));
  }
  length = sizeof place;
  IS("name") return report_name(getsockname(fd, &place.any, &length));
  IS("peer") return report_name(getpeername(fd, &place.any, &length));
  length = sizeof value;
  IS("get") return report(getsockopt(fd, NUMBER(levels, word[2]), NUMBER(options, word[3]), &value, &length) ? -1 : value);
  IS("set") {
    value = atoi(word[4]);
    return report(setsockopt(fd, NUMBER(levels, word[2]), NUMBER(options, word[3]), &value, length));
  }
  IS("getfl") { value = fcntl(fd, F_GETFL); return report(value < 0 ? -1 : value & (O_NONBLOCK | O_APPEND | O_ASYNC)); }
  IS("setfl") return report(fcntl(fd, F_SETFL, NUMBER(names, word[2])));
  printf("no statement %s\n", verb);
}

int main(void) {
  char line[256];
  alarm(10); // a call that waits for nothing ends the program
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < 26; i++) sockets[i] = -1;
  while (fgets(line, sizeof line, stdin)) {
    char *rest = line, *word[8] = {0};
    line[strlen(line) - 1] = 0;
    for (int i = 0; i < 7 && rest; i++) word[i] = strsep(&rest, " ");
    run(word);
  }
}
