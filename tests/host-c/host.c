// A host of bsd_sockets_v1 in C, after docs/abi.md and nothing else. It serves one guest a process, blocks where C
// blocks, and knows one policy: everything or nothing. Linux, 64 bits.
//
// In every function: the descriptor (EBADF), then all pointers (EFAULT), then the policy (EACCES), then the effect.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "host.h"

enum { FDS = 1024, FIRST = 3, NAME_MAX_SIZE = 128, CONTROL = 16384, VECTORS = 1024, BATCH = 1024, TEXT = 4096 };
enum { IOVEC = 8, MSGHDR = 28, MMSGHDR = 32, CMSGHDR = 12, POLLFD = 8, EVENT = 16, ADDRINFO = 32 };

static wasm_rt_memory_t *memory;
/** The real descriptor of each of the guest's, plus one; 0 where there is none. */
static int natives[FDS], allowed;

void host_begin(wasm_rt_memory_t *guest, int allows) { memory = guest; allowed = allows; }

// Memory: address 0 is NULL, a range of no bytes is anywhere.

static int holds(u32 at, u64 size) { return size == 0 || (at != 0 && at + size <= memory->size); }
static void *native(u32 at) { return memory->data + at; }
static u32 get(u32 at) { u32 value; memcpy(&value, native(at), sizeof value); return value; }
static void put(u32 at, u32 value) { memcpy(native(at), &value, sizeof value); }
/** The length of a string with its NUL: 0 where the memory ends first, limit + 1 where it is longer. */
static u32 text_size(u32 at, u32 limit) {
  u64 left = holds(at, 1) ? memory->size - at : 0, size = strnlen(native(at), left < limit ? left : limit);
  return size == limit ? limit + 1 : size == left ? 0 : size + 1;
}
static u32 answer(long result) { return result < 0 ? (u32)-errno : (u32)result; }

// Descriptors: the lowest free number from 3 up.
static int real(u32 fd) { return fd < FDS ? natives[fd] - 1 : -1; }
static u32 room(void) {
  u32 count = 0; for (int fd = FIRST; fd < FDS; fd++) count += natives[fd] == 0;
  return count;
}
static u32 add(int result) {
  int fd = FIRST; while (natives[fd] != 0) fd++;
  if (result < 0) return -errno;
  natives[fd] = result + 1;
  return fd;
}
#define CALL(name) u32 bsd_sockets_v1_##name
#define DESCRIPTOR(fd) int s = real(fd); if (s < 0) return -EBADF
#define CHECK(call) do { int error = call; if (error) return error; } while (0)
#define HOLDS(at, size) if (!holds(at, size)) return -EFAULT
#define ALLOWED if (!allowed) return -EACCES

CALL(socket)(u32 domain, u32 type, u32 protocol) {
  int plain = (domain == AF_INET || domain == AF_INET6) && ((type & 15) == SOCK_STREAM || (type & 15) == SOCK_DGRAM);
  if (!plain && domain != AF_UNIX) ALLOWED;
  return room() < 1 ? (u32)-EMFILE : add(socket(domain, type, protocol));
}
CALL(socketpair)(u32 domain, u32 type, u32 protocol, u32 fds) {
  int pair[2];
  HOLDS(fds, 8);
  if (room() < 2 || socketpair(domain, type, protocol, pair) < 0) return room() < 2 ? -EMFILE : -errno;
  put(fds, add(pair[0])); put(fds + 4, add(pair[1]));
  return 0;
}
CALL(close)(u32 fd) { DESCRIPTOR(fd); natives[fd] = 0; return answer(close(s)); }
CALL(shutdown)(u32 fd, u32 how) { DESCRIPTOR(fd); return answer(shutdown(s, how)); }
CALL(fcntl)(u32 fd, u32 command, u32 argument) {
  DESCRIPTOR(fd);
  if (command != F_GETFD && command != F_SETFD && command != F_GETFL && command != F_SETFL) return -EINVAL;
  if (command == F_SETFL) argument &= ~O_ASYNC; // which would send signals to this process
  return answer(fcntl(s, command, argument));
}

// Addresses are copied before anything is decided, and the copy is what the kernel gets.
static struct sockaddr_storage name;
static int read_name(u32 at, u32 length) {
  if (length > NAME_MAX_SIZE) return -EINVAL;
  HOLDS(at, length); memcpy(&name, native(at), length);
  return 0;
}
/** Whether a name can be written at `at`, and the capacity at `length`: 0, or -errno. */
static int check_name(u32 at, u32 length, u32 *capacity) {
  *capacity = 0;
  if (at == 0) return 0;
  HOLDS(length, 4);
  if ((int)get(length) < 0) return -EINVAL;
  *capacity = get(length) < NAME_MAX_SIZE ? get(length) : NAME_MAX_SIZE;
  return holds(at, *capacity) ? 0 : -EFAULT;
}
static void write_name(u32 at, u32 length, u32 capacity, socklen_t size) {
  if (at != 0) { memcpy(native(at), &name, size < capacity ? size : capacity); put(length, size); }
}
#define NAMED DESCRIPTOR(fd); CHECK(read_name(at, length)); ALLOWED
CALL(bind)(u32 fd, u32 at, u32 length) { NAMED; return answer(bind(s, (void *)&name, length)); }
CALL(connect)(u32 fd, u32 at, u32 length) { NAMED; return answer(connect(s, (void *)&name, length)); }
CALL(listen)(u32 fd, u32 backlog) { DESCRIPTOR(fd); ALLOWED; return answer(listen(s, backlog)); }
CALL(accept4)(u32 fd, u32 at, u32 length, u32 flags) {
  u32 capacity; DESCRIPTOR(fd); CHECK(check_name(at, length, &capacity));
  if (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) return -EINVAL; // musl 1.2.3 would take the connection
  socklen_t size = sizeof name; if (room() < 1) return -EMFILE;
  if ((s = add(accept4(s, (void *)&name, &size, flags))) >= 0) write_name(at, length, capacity, size);
  return s;
}
static u32 name_call(int (*call)(int, void *, socklen_t *), u32 fd, u32 at, u32 length) {
  u32 capacity; DESCRIPTOR(fd); HOLDS(length, 4);
  if (at == 0 && get(length) != 0) return -EFAULT;
  CHECK(check_name(at, length, &capacity));
  socklen_t size = sizeof name;
  if (call(s, &name, &size) < 0) return -errno;
  at ? write_name(at, length, capacity, size) : put(length, size);
  return 0;
}
CALL(getsockname)(u32 fd, u32 at, u32 length) { return name_call((void *)getsockname, fd, at, length); }
CALL(getpeername)(u32 fd, u32 at, u32 length) { return name_call((void *)getpeername, fd, at, length); }

// Bytes stay where they are.
CALL(sendto)(u32 fd, u32 bytes, u32 size, u32 flags, u32 at, u32 length) {
  DESCRIPTOR(fd);
  if (at != 0) CHECK(read_name(at, length));
  HOLDS(bytes, size);
  if (at != 0 && !allowed) return -EACCES;
  return answer(sendto(s, native(bytes), size, flags | MSG_NOSIGNAL, at ? (void *)&name : 0, at ? length : 0));
}
CALL(recvfrom)(u32 fd, u32 bytes, u32 size, u32 flags, u32 at, u32 length) {
  u32 capacity; DESCRIPTOR(fd); CHECK(check_name(at, length, &capacity)); HOLDS(bytes, size);
  socklen_t named = sizeof name;
  long count = recvfrom(s, native(bytes), size, flags, (void *)&name, &named);
  if (count >= 0) write_name(at, length, capacity, named);
  return answer(count);
}
CALL(send)(u32 fd, u32 bytes, u32 size, u32 flags) { return bsd_sockets_v1_sendto(fd, bytes, size, flags, 0, 0); }
CALL(recv)(u32 fd, u32 bytes, u32 size, u32 flags) { return bsd_sockets_v1_recvfrom(fd, bytes, size, flags, 0, 0); }
CALL(sockatmark)(u32 fd) { DESCRIPTOR(fd); return answer(sockatmark(s)); }
CALL(sendfile)(u32 fd, u32 file, u32 at, u32 count) {
  DESCRIPTOR(fd);
  int from = real(file);
  off_t offset;
  if (from < 0) return -EBADF;
  HOLDS(at, at ? 8 : 0);
  if (at != 0) memcpy(&offset, native(at), 8);
  long sent = sendfile(s, from, at ? &offset : 0, count);
  if (sent > 0 && at != 0) memcpy(native(at), &offset, 8);
  return answer(sent);
}

// Options: those that exist, bit n for option n of a level. One that nobody listed may hold a pointer.
static const struct { u32 level; u64 bits[2]; } options[] = {
  {SOL_SOCKET, {0xfba3fffffa3ffffe, 0xfff}}, {IPPROTO_IP, {0x6ffff07fcfdfe, 0x0}},
  {IPPROTO_IPV6, {0x7feefc12ffff0882, 0x7f4c}}, {IPPROTO_TCP, {0x36dfbf7ffe, 0x0}},
  {IPPROTO_UDP, {0x2, 0x1f000000000}}, {IPPROTO_ICMPV6, {0x2, 0x0}},
};
static int exists(u32 level, u32 option) {
  for (size_t i = 0; i < sizeof options / sizeof *options; i++)
    if (options[i].level == level) return option < 128 && (options[i].bits[option / 64] >> option % 64) & 1;
  return 0;
}
static char value[65536];
CALL(setsockopt)(u32 fd, u32 level, u32 option, u32 at, u32 length) {
  DESCRIPTOR(fd);
  if (length > sizeof value) return -EINVAL;
  HOLDS(at, length);
  if (!exists(level, option)) return -ENOPROTOOPT;
  if (level != SOL_SOCKET && level != IPPROTO_TCP) ALLOWED;
  memcpy(value, native(at), length);
  return answer(setsockopt(s, level, option, value, length));
}
CALL(getsockopt)(u32 fd, u32 level, u32 option, u32 at, u32 length) {
  DESCRIPTOR(fd); HOLDS(length, 4);
  if ((int)get(length) < 0) return -EINVAL;
  socklen_t capacity = get(length) < sizeof value ? get(length) : sizeof value, size = capacity;
  HOLDS(at, capacity);
  if (!exists(level, option)) return -ENOPROTOOPT;
  if (getsockopt(s, level, option, value, &size) < 0) return -errno;
  memcpy(native(at), value, size < capacity ? size : capacity); put(length, size);
  return 0;
}

// Messages: the guest's headers, which hold 32-bit pointers, are built anew for the kernel.
static struct iovec vectors[VECTORS];
static char control[2 * CONTROL] __attribute__((aligned(8)));
/** Builds the kernel's twin of the guest's header, but for its control data: 0, or -errno. */
static int read_header(u32 at, struct msghdr *header) {
  HOLDS(at, MSGHDR);
  u32 named = get(at), length = get(at + 4), list = get(at + 8), count = get(at + 12);
  if (count > VECTORS) return -EMSGSIZE;
  HOLDS(list, (u64)count * IOVEC);
  if (named != 0 && (int)length < 0) return -EINVAL;
  for (u32 i = 0; i < count; i++) {
    vectors[i].iov_base = native(get(list + i * IOVEC));
    vectors[i].iov_len = get(list + i * IOVEC + 4);
    HOLDS(get(list + i * IOVEC), vectors[i].iov_len);
  }
  *header = (struct msghdr){.msg_iov = vectors, .msg_iovlen = count};
  header->msg_namelen = named == 0 ? 0 : length < NAME_MAX_SIZE ? length : NAME_MAX_SIZE;
  HOLDS(named, header->msg_namelen);
  if (header->msg_namelen > 0) header->msg_name = &name;
  return 0;
}
/** Turns `length` bytes of the guest's control data at `at` into the kernel's: their length, or -errno. */
static int encode_control(u32 at, u32 length) {
  u32 size = 0;
  for (u32 from = 0; length - from >= CMSGHDR;) {
    u32 part = get(at + from), data = part - CMSGHDR;
    struct cmsghdr *to = (void *)(control + size);
    if (part < CMSGHDR || part > length - from || size + CMSG_SPACE(data) > sizeof control) return -EINVAL;
    memset(to, 0, CMSG_SPACE(data));
    *to = (struct cmsghdr){.cmsg_len = CMSG_LEN(data), .cmsg_level = get(at + from + 4), .cmsg_type = get(at + from + 8)};
    memcpy(CMSG_DATA(to), native(at + from + CMSGHDR), data);
    if (to->cmsg_level == SOL_SOCKET && to->cmsg_type == SCM_RIGHTS)
      for (int *fd = (int *)CMSG_DATA(to), *end = fd + data / 4; fd < end; fd++)
        if ((*fd = real(*fd)) < 0) return -EBADF;
    if (to->cmsg_type != SCM_RIGHTS) ALLOWED;
    size += CMSG_SPACE(data);
    if ((from += (part + 3) & ~3) >= length) break;
  }
  return size;
}
/** Turns the kernel's control data into the guest's at `at`: its length. What finds no room is MSG_CTRUNC. */
static u32 decode_control(struct msghdr *header, u32 at, u32 capacity) {
  u32 size = 0;
  for (struct cmsghdr *from = CMSG_FIRSTHDR(header); from; from = CMSG_NXTHDR(header, from)) {
    u32 data = from->cmsg_len - CMSG_LEN(0), left = capacity > size + CMSGHDR ? capacity - size - CMSGHDR : 0;
    int rights = from->cmsg_level == SOL_SOCKET && from->cmsg_type == SCM_RIGHTS;
    u32 fit = rights ? (left / 4 < room() ? left / 4 : room()) * 4 : left;
    if (fit > data) fit = data;
    int *fds = (int *)CMSG_DATA(from);
    for (u32 i = 0; rights && i < data / 4; i++) fds[i] = i < fit / 4 ? add(fds[i]) : (u32)close(fds[i]);
    if (fit < data && ((header->msg_flags |= MSG_CTRUNC), fit == 0)) continue;
    put(at + size, CMSGHDR + fit); put(at + size + 4, from->cmsg_level); put(at + size + 8, from->cmsg_type);
    memcpy(native(at + size + CMSGHDR), CMSG_DATA(from), fit);
    size += (CMSGHDR + fit + 3) & ~3;
  }
  return size < capacity ? size : capacity;
}
CALL(sendmsg)(u32 fd, u32 at, u32 flags) {
  DESCRIPTOR(fd);
  struct msghdr header; CHECK(read_header(at, &header));
  u32 data = get(at + 16), length = data ? get(at + 20) : 0;
  if (length > CONTROL) return -ENOBUFS;
  HOLDS(data, length);
  if (header.msg_name) { ALLOWED; memcpy(&name, native(get(at)), header.msg_namelen); }
  int size = encode_control(data, length);
  if (size < 0) return size;
  header.msg_control = size ? control : 0; header.msg_controllen = size;
  return answer(sendmsg(s, &header, flags | MSG_NOSIGNAL));
}
CALL(recvmsg)(u32 fd, u32 at, u32 flags) {
  DESCRIPTOR(fd);
  struct msghdr header; CHECK(read_header(at, &header));
  u32 named = get(at), capacity = header.msg_namelen, data = get(at + 16), room = data ? get(at + 20) : 0;
  if (room > CONTROL) room = CONTROL;
  HOLDS(data, room);
  header.msg_control = room ? control : 0;
  header.msg_controllen = room ? (room * 2 + 16) & ~7 : 0; // headers of 16 bytes, and more padding
  if (header.msg_controllen > sizeof control) header.msg_controllen = sizeof control;
  long count = recvmsg(s, &header, flags | MSG_CMSG_CLOEXEC);
  if (count < 0) return -errno;
  if (named) memcpy(native(named), &name, header.msg_namelen < capacity ? header.msg_namelen : capacity);
  u32 written = decode_control(&header, data, room); // by the pointers of before: the message may lie over them
  if (!(flags & MSG_CMSG_CLOEXEC)) header.msg_flags &= ~MSG_CMSG_CLOEXEC;
  put(at + 4, named ? header.msg_namelen : 0); put(at + 20, written); put(at + 24, header.msg_flags);
  return count;
}
static long milliseconds(void) {
  struct timespec now; clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
/** sendmmsg(2) or recvmmsg(2), the latter for so many milliseconds at most, or for ever. */
static u32 batch(u32 fd, u32 at, u32 count, u32 flags, int timeout, int receives) {
  DESCRIPTOR(fd);
  if (count > BATCH) count = BATCH;
  HOLDS(at, (u64)(count < 64 ? count : 64) * MMSGHDR);
  long end = milliseconds() + timeout, left;
  for (u32 i = 0; i < count; i++) {
    u32 each = at + i * MMSGHDR;
    if (!holds(each, MMSGHDR)) return i ? i : (u32)-EFAULT;
    if (receives && timeout >= 0 && !(flags & MSG_DONTWAIT) && (left = end - milliseconds()) > 0)
      poll(&(struct pollfd){s, POLLIN, 0}, 1, left);
    int once = receives && (timeout >= 0 || (i > 0 && (flags & MSG_WAITFORONE))) ? MSG_DONTWAIT : 0;
    u32 result = receives ? bsd_sockets_v1_recvmsg(fd, each, (flags & ~MSG_WAITFORONE) | once)
                          : bsd_sockets_v1_sendmsg(fd, each, flags);
    if ((int)result < 0) return i ? i : result;
    put(each + MSGHDR, result);
  }
  return count;
}
CALL(sendmmsg)(u32 fd, u32 at, u32 count, u32 flags) { return batch(fd, at, count, flags, -1, 0); }
CALL(recvmmsg)(u32 fd, u32 at, u32 count, u32 flags, u32 timeout) { return batch(fd, at, count, flags, timeout, 1); }

// Readiness.
CALL(poll)(u32 at, u32 count, u32 timeout) {
  static struct pollfd list[FDS];
  if (count > FDS) return -EINVAL;
  HOLDS(at, (u64)count * POLLFD);
  u32 bad = 0, ready = 0; memcpy(list, native(at), (u64)count * POLLFD);
  for (u32 i = 0; i < count; i++) {
    bad += list[i].fd >= 0 && real(list[i].fd) < 0;
    list[i].fd = real(list[i].fd);
  }
  if (poll(list, count, bad ? 0 : (int)timeout) < 0) return -errno;
  for (u32 i = 0; i < count; i++) {
    if ((int)get(at + i * POLLFD) >= 0 && list[i].fd < 0) list[i].revents = POLLNVAL;
    memcpy(native(at + i * POLLFD + 6), &list[i].revents, 2);
    ready += list[i].revents != 0;
  }
  return ready;
}
CALL(epoll_create1)(u32 flags) { return room() < 1 ? (u32)-EMFILE : add(epoll_create1(flags)); }
CALL(epoll_ctl)(u32 set, u32 operation, u32 fd, u32 at) {
  DESCRIPTOR(set);
  struct epoll_event event = {0};
  if (operation != EPOLL_CTL_DEL) {
    HOLDS(at, EVENT); event.events = get(at); memcpy(&event.data, native(at + 8), 8);
  }
  return real(fd) < 0 ? (u32)-EBADF : answer(epoll_ctl(s, operation, real(fd), &event));
}
CALL(epoll_wait)(u32 set, u32 at, u32 count, u32 timeout) {
  static struct epoll_event events[FDS];
  DESCRIPTOR(set);
  if ((int)count <= 0) return -EINVAL;
  if (count > FDS) count = FDS;
  HOLDS(at, (u64)count * EVENT);
  int found = epoll_wait(s, events, count, timeout);
  for (int i = 0; i < found; i++) {
    put(at + i * EVENT, events[i].events); memcpy(native(at + i * EVENT + 8), &events[i].data, 8);
  }
  return answer(found);
}

// Names.
static u32 resolver_failed(u32 at, u32 room, int code, int error) {
  if (code == EAI_SYSTEM && room >= 4 && holds(at, 4)) put(at, error);
  return code;
}
CALL(getaddrinfo)(u32 node, u32 service, u32 wanted, u32 out, u32 capacity) {
  u32 nodes = node ? text_size(node, TEXT) : 1, services = service ? text_size(service, TEXT) : 1;
  if (nodes > TEXT || services > TEXT) return nodes > TEXT ? EAI_NONAME : EAI_SERVICE;
  if (!nodes || !services || (wanted && !holds(wanted, ADDRINFO)))
    return resolver_failed(out, capacity, EAI_SYSTEM, EFAULT);
  struct addrinfo hints = {0}, *list, *one;
  if (wanted) memcpy(&hints, native(wanted), 16); // flags, family, socktype, protocol
  int numeric = !node || (hints.ai_flags & AI_NUMERICHOST) || inet_pton(AF_INET, native(node), &name) == 1;
  if (!allowed && !numeric && inet_pton(AF_INET6, native(node), &name) != 1)
    return resolver_failed(out, capacity, EAI_SYSTEM, EACCES);
  int code = getaddrinfo(node ? native(node) : 0, service ? native(service) : 0, wanted ? &hints : 0, &list);
  if (code) return resolver_failed(out, capacity, code, errno);
  u64 size = 0;
  for (one = list; one; one = one->ai_next)
    size += ADDRINFO + ((one->ai_addrlen + 3) & ~3) + (one->ai_canonname ? (strlen(one->ai_canonname) + 4) & ~3 : 0);
  if (size <= capacity && !holds(out, size)) size = resolver_failed(out, 0, EAI_SYSTEM, EFAULT);
  u32 at = out;
  for (one = list; one && (int)size > 0 && size <= capacity; one = one->ai_next) {
    u32 address = at + ADDRINFO, canonical = address + ((one->ai_addrlen + 3) & ~3), next = canonical;
    memcpy(native(at), one, 16);
    put(at + 16, one->ai_addrlen); put(at + 20, address);
    memcpy(native(address), one->ai_addr, one->ai_addrlen);
    if (one->ai_canonname) next += (strlen(strcpy(native(canonical), one->ai_canonname)) + 4) & ~3;
    put(at + 24, one->ai_canonname ? canonical : 0); put(at + 28, one->ai_next ? next : 0);
    at = next;
  }
  freeaddrinfo(list);
  return size;
}
CALL(getnameinfo)(u32 at, u32 length, u32 host, u32 hosts, u32 service, u32 services, u32 flags) {
  hosts = host ? hosts : 0; services = service ? services : 0;
  int error = read_name(at, length);
  if (error == -EINVAL) return EAI_FAMILY;
  int bad = error || !holds(host, hosts) || !holds(service, services);
  if (bad || (!allowed && hosts > 0 && !(flags & NI_NUMERICHOST)))
    return resolver_failed(host, hosts, EAI_SYSTEM, bad ? EFAULT : EACCES);
  int code = getnameinfo((void *)&name, length, hosts ? native(host) : 0, hosts, services ? native(service) : 0,
                         services, flags);
  return resolver_failed(host, hosts, code, errno);
}
CALL(if_nametoindex)(u32 at) {
  u32 size = text_size(at, TEXT);
  if (size == 0 || size > TEXT) return size ? -ENODEV : -EFAULT;
  return (size = if_nametoindex(native(at))) ? size : (u32)-errno;
}
CALL(if_indextoname)(u32 index, u32 at) {
  HOLDS(at, IF_NAMESIZE);
  return if_indextoname(index, native(at)) ? 0 : (u32)-errno;
}
CALL(gethostname)(u32 at, u32 size) {
  char own[TEXT];
  HOLDS(at, size);
  if (gethostname(own, sizeof own) < 0) return -errno;
  if (strlen(own) >= size) return -ENAMETOOLONG;
  strcpy(native(at), own);
  return 0;
}
