/* The structs of tests/support/goldens.ts, for a compiler to lay out by a system's own headers. It is never linked: what
   it has made of each constant stands in its assembly. */

#ifdef _WIN32
#include <winsock2.h>
#include <stddef.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#if __has_include(<afunix.h>)
#include <afunix.h>
#define HAVE_UNIX
#endif
#else
#define _GNU_SOURCE
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#define HAVE_UNIX
#define HAVE_GROUPS
#endif
#ifdef MCAST_JOIN_GROUP
#define HAVE_GROUPS
#endif

#define FIRST ((void *)0x1122334455667788)
#define SECOND ((void *)0x1122334455667777)
#define THIRD ((void *)0x1122334455667766)

/* Addresses and ports in network byte order, on a machine whose own is the other. */
#define LAB 0x010200c0
#define PEER 0x076433c6
#define GROUP 0x030201ef
#define IN6(...) {{{__VA_ARGS__}}}
#define LAB6 IN6(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
#define GROUP6 IN6(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfb)

const struct sockaddr_in inet = {
    .sin_family = AF_INET, .sin_port = 0x901f, .sin_addr.s_addr = LAB};
const struct sockaddr_in6 inet6 = {.sin6_family = AF_INET6,
                                   .sin6_port = 0xbb01,
                                   .sin6_flowinfo = 0x07000000,
                                   .sin6_addr = LAB6,
                                   .sin6_scope_id = 3};
#ifdef HAVE_UNIX
/* As long as its path. */
const struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/run/a"};
#endif

const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                               .ai_family = AF_INET6,
                               .ai_socktype = SOCK_STREAM,
                               .ai_protocol = IPPROTO_TCP};
const struct addrinfo answer = {.ai_flags = AI_CANONNAME,
                                .ai_family = AF_INET6,
                                .ai_socktype = SOCK_STREAM,
                                .ai_protocol = IPPROTO_TCP,
                                .ai_addrlen = 28,
                                .ai_addr = FIRST,
                                .ai_canonname = SECOND,
                                .ai_next = THIRD};

#ifdef _WIN32
const DWORD timeout = 1500;
const struct ip_mreq mreqn = {{.s_addr = GROUP}, {.s_addr = 0x03000000}};
#else
const struct timeval timeout = {1, 500000};
const struct ip_mreqn mreqn = {{GROUP}, {0}, 3};
#endif
const struct linger lingering = {1, 7};
const struct ip_mreq mreq = {.imr_multiaddr.s_addr = GROUP, .imr_interface.s_addr = LAB};
const struct ip_mreq_source mreq_source = {.imr_multiaddr.s_addr = GROUP,
                                           .imr_sourceaddr.s_addr = PEER,
                                           .imr_interface.s_addr = LAB};
const struct ipv6_mreq ipv6_mreq = {GROUP6, 3};

#ifdef HAVE_GROUPS
/* A struct group_req or group_source_req with the addresses in the storages. */
typedef union {
  struct group_req req;
  struct {
    char to[offsetof(struct group_req, gr_group)];
    struct sockaddr_in6 address;
  } six;
} Group;
typedef union {
  struct group_source_req req;
  struct {
    char to[offsetof(struct group_source_req, gsr_group)];
    struct sockaddr_in address;
    char between[sizeof(struct sockaddr_storage) - sizeof(struct sockaddr_in)];
    struct sockaddr_in source;
  } four;
} GroupSource;
const Group group = {
    .six = {.to = {3}, .address = {.sin6_family = AF_INET6, .sin6_addr = GROUP6}}};
const GroupSource group_source = {
    .four = {.to = {3},
             .address = {.sin_family = AF_INET, .sin_addr.s_addr = GROUP},
             .source = {.sin_family = AF_INET, .sin_addr.s_addr = PEER}}};
#endif

#ifdef _WIN32
const WSAMSG header = {.name = FIRST,
                       .namelen = 28,
                       .lpBuffers = SECOND,
                       .dwBufferCount = 2,
                       .Control = {.len = 40, .buf = THIRD}};
const WSABUF vectors[] = {{.buf = FIRST, .len = 5}, {.buf = SECOND, .len = 65536}};
const WSAPOLLFD polled[] = {{7, POLLIN | POLLPRI | POLLOUT}, {-1, POLLIN}};
#define CMSGHDR WSACMSGHDR
#undef CMSG_LEN
#undef CMSG_SPACE
/* As WSA_CMSG_LEN and WSA_CMSG_SPACE, which not all of the headers have. */
#define CMSG_LEN(size) (sizeof(WSACMSGHDR) + (size))
#define CMSG_SPACE(size) (sizeof(WSACMSGHDR) + (((size) + 7) & ~7))
#ifdef WSA_CMSG_LEN
_Static_assert(WSA_CMSG_LEN(5) == CMSG_LEN(5) && WSA_CMSG_SPACE(5) == CMSG_SPACE(5), "");
#endif
#else
const struct msghdr header = {.msg_name = FIRST,
                              .msg_namelen = 28,
                              .msg_iov = SECOND,
                              .msg_iovlen = 2,
                              .msg_control = THIRD,
                              .msg_controllen = 40};
const struct iovec vectors[] = {{FIRST, 5}, {SECOND, 65536}};
const struct pollfd polled[] = {{7, POLLIN | POLLPRI | POLLOUT}, {-1, POLLIN}};
#define CMSGHDR struct cmsghdr
#endif

/* A control message with data of a type, and its padding. */
#define CONTROL(name, level, kind, type, ...)                                                      \
  const struct {                                                                                   \
    CMSGHDR header;                                                                                \
    type data;                                                                                     \
    char padding[CMSG_SPACE(sizeof(type)) - CMSG_LEN(sizeof(type))];                               \
  } name = {.header = {.cmsg_len = CMSG_LEN(sizeof(type)),                                         \
                       .cmsg_level = (level),                                                      \
                       .cmsg_type = (kind)},                                                       \
            .data = __VA_ARGS__};

CONTROL(ttl, IPPROTO_IP, IP_TTL, int, 64)
#ifdef _WIN32
CONTROL(tos, IPPROTO_IP, IP_TOS, int, 0xb8)
CONTROL(pktinfo, IPPROTO_IP, IP_PKTINFO, struct in_pktinfo, {{.s_addr = LAB}, 3})
#ifndef IPV6_TCLASS
#define IPV6_TCLASS 39
#endif
#else
CONTROL(tos, IPPROTO_IP, IP_TOS, unsigned char, 0xb8)
CONTROL(pktinfo, IPPROTO_IP, IP_PKTINFO, struct in_pktinfo, {3, {LAB}, {0}})
CONTROL(rights, SOL_SOCKET, SCM_RIGHTS, struct { int fds[2]; }, {{5, 7}})
#endif
CONTROL(pktinfo6, IPPROTO_IPV6, IPV6_PKTINFO, struct in6_pktinfo, {LAB6, 3})
CONTROL(hoplimit, IPPROTO_IPV6, IPV6_HOPLIMIT, int, 64)
CONTROL(tclass, IPPROTO_IPV6, IPV6_TCLASS, int, 0xb8)
