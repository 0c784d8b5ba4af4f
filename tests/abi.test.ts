// The guest ABI's numbers and layouts, each held against what the C compiler makes of this system's
// headers. What build/marshal.wasm exports is enumerated, so that no number can be forgotten here.

import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "#host/loader";
import { compileC, compiler, runC } from "./support/c.js";
import { isMusl } from "./support/libc.js";

/** Exported numbers that are this project's own, and no C header's. */
const OURS = [
  "ABSENT",
  "NumberSet",
  "System",
  ...["Kind", "LookUp", "Payload", "SymbolSet"],
  ...["TEXT_SIZE", "BLOCK_SIZE", "CONTROL_SIZE"],
  ...["BATCH_MAX", "CONTROL_MAX", "EVENTS_MAX", "RIGHTS_MAX"],
  ...["address", "length", "interval", "text", "block", "value", "entry", "pollfds", "events"],
  ...["messages", "iovecs", "headers", "detour", "control", "rights", "surplus"],
];

/**
 * WASI's and its extensions', whose headers are no C compiler's for this system: C guests of tests/guests-c.test.ts and
 * components of tests/p2 hold them.
 */
const WASI = /^(preview1|wasmedge|wamr|result|stream_error)(_|$)/;

/** Enums whose members C spells otherwise than PREFIX_MEMBER. */
const PREFIXES: Record<string, string> = { Errno: "", POLL: "POLL", EPOLL: "EPOLL", FIO: "FIO" };

/** Enums of offsets whose struct C names otherwise. */
const STRUCTS: Record<string, string> = {
  addrinfo: "struct addrinfo_wasm32",
  native_addrinfo: "struct addrinfo",
  native_gaicb: "struct gaicb",
  native_sigevent: "struct sigevent",
  iovec: "struct iovec_wasm32",
  native_iovec: "struct iovec",
  msghdr: "struct msghdr_wasm32",
  native_msghdr: "struct msghdr",
  mmsghdr: "struct mmsghdr_wasm32",
  native_mmsghdr: "struct mmsghdr",
  cmsghdr: "struct cmsghdr_wasm32",
  native_cmsghdr: "struct cmsghdr",
  epoll_event: "struct epoll_event_wasm32",
  packed_epoll_event: "struct epoll_event_x86_64",
};

/** Numbers that C says in other words. */
const EXPRESSIONS: Record<string, string> = {
  SOCKADDR_MAX: "sizeof(struct sockaddr_storage)",
  INET6_TEXT_MAX: "INET6_ADDRSTRLEN - 1",
  INT_SIZE: "sizeof(int)",
  IF_NAMESIZE: "IF_NAMESIZE",
  IOV_MAX: "UIO_MAXIOV",
  // Bit fields, which have no offset in C; and this header's struct may be older and end earlier.
  "tcp_info.tcpi_wscale": "offsetof(struct tcp_info, tcpi_options) + 1",
  "tcp_info.tcpi_limited": "offsetof(struct tcp_info, tcpi_options) + 2",
  "ICMP6.FILTER": "ICMP6_FILTER",
  "EPOLL.CLOEXEC": "EPOLL_CLOEXEC",
  "EPOLL.ET": "(int)EPOLLET",
  // SOL_TCP and SOL_UDP stand in headers that do not go together with linux/tcp.h and linux/udp.h,
  // which alone have every option; tcp(7) and udp(7) name the level by its protocol anyway.
  "SOL.TCP": "IPPROTO_TCP",
  "SOL.UDP": "IPPROTO_UDP",
};

const PRELUDE = `
  #define _GNU_SOURCE
  #include <errno.h>
  #include <fcntl.h>
  #include <netdb.h>
  #include <poll.h>
  #include <signal.h>
  #include <stddef.h>
  #include <stdint.h>
  #include <stdio.h>
  #include <string.h>
  #include <sys/epoll.h>
  #include <sys/ioctl.h>
  #include <sys/socket.h>
  #include <sys/time.h>
  #include <sys/uio.h>
  #include <sys/un.h>
  #include <net/if.h>
  #include <netinet/icmp6.h>
  #include <netinet/in.h>
  #include <linux/errqueue.h>
  #include <linux/in.h>
  #include <linux/in6.h>
  #include <linux/if_packet.h>
  #include <linux/netlink.h>
  #include <linux/tcp.h>
  #include <linux/udp.h>
  #include <linux/vm_sockets.h>

  // glibc warns of two deprecated flags by this; their numbers count all the same.
  #undef __glibc_macro_warning
  #define __glibc_macro_warning(message)

  // The structs of wasm32: the header's own fields, but a pointer or a size_t has four bytes.
  #define FIELD(type, name) __typeof__(((type *)0)->name) name
  struct addrinfo_wasm32 {
    FIELD(struct addrinfo, ai_flags);
    FIELD(struct addrinfo, ai_family);
    FIELD(struct addrinfo, ai_socktype);
    FIELD(struct addrinfo, ai_protocol);
    FIELD(struct addrinfo, ai_addrlen);
    uint32_t ai_addr;
    uint32_t ai_canonname;
    uint32_t ai_next;
  };
  struct iovec_wasm32 {
    uint32_t iov_base;
    uint32_t iov_len;
  };
  struct msghdr_wasm32 {
    uint32_t msg_name;
    FIELD(struct msghdr, msg_namelen);
    uint32_t msg_iov;
    uint32_t msg_iovlen;
    uint32_t msg_control;
    uint32_t msg_controllen;
    FIELD(struct msghdr, msg_flags);
  };
  struct mmsghdr_wasm32 {
    struct msghdr_wasm32 msg_hdr;
    FIELD(struct mmsghdr, msg_len);
  };
  struct cmsghdr_wasm32 {
    uint32_t cmsg_len;
    FIELD(struct cmsghdr, cmsg_level);
    FIELD(struct cmsghdr, cmsg_type);
  };
  // sys/epoll.h packs its struct on x86-64 alone.
  struct epoll_event_wasm32 {
    FIELD(struct epoll_event, events);
    FIELD(struct epoll_event, data);
  };
  struct epoll_event_x86_64 {
    FIELD(struct epoll_event, events);
    FIELD(struct epoll_event, data);
  } __attribute__((packed));
  #ifdef __x86_64__
  _Static_assert(sizeof(struct epoll_event) == sizeof(struct epoll_event_x86_64), "packed");
  #else
  _Static_assert(sizeof(struct epoll_event) == sizeof(struct epoll_event_wasm32), "padded");
  #endif
`;

const { exports } = new WebAssembly.Instance(compile("marshal"));

/** Every exported number by its name: "AF.INET" is 2. */
const numbers = new Map(
  Object.entries(exports).flatMap(([name, value]) =>
    value instanceof WebAssembly.Global ? [[name, value.value as number] as const] : [],
  ),
);

/** "AF" of "AF.INET"; a number that stands alone is its own group. */
function groupOf(name: string): string {
  return name.split(".")[0]!;
}

/** What a number is called in C. */
function expressionOf(name: string): string {
  const [group, member] = name.split(".") as [string, string?];
  if (name in EXPRESSIONS) return EXPRESSIONS[name]!;
  if (member === undefined) throw new Error(`${name} is neither known to C nor listed as ours`);
  if (group !== group.toLowerCase()) return (PREFIXES[group] ?? `${group}_`) + member;
  const struct = STRUCTS[group] ?? `struct ${group}`;
  return member === "sizeof" ? `sizeof(${struct})` : `offsetof(${struct}, ${member})`;
}

/** The numbers of one group. */
function select(group: string, from: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...from].filter(([name]) => groupOf(name) === group));
}

const groups = new Set([...numbers.keys()].map(groupOf));
const shared = [...groups].filter((group) => !OURS.includes(group) && !WASI.test(group));

test("the list of numbers that are not C's names only what exists", () => {
  expect(OURS.filter((group) => !groups.has(group))).toEqual([]);
});

const missing = "missing" in compiler ? compiler.missing : "";
/** Its numbers are held by tests/platform-encodings.test.ts. */
const musl = isMusl ? "musl's headers have no getaddrinfo_a(3) and no strerrorname_np(3)" : "";
const skipped = missing || musl ? ` (skipped: ${missing || musl})` : "";

describe.skipIf(skipped)(`the guest ABI and the C headers${skipped}`, () => {
  let truth: Map<string, number>;

  beforeAll(async () => {
    const names = [...numbers.keys()].filter((name) => shared.includes(groupOf(name)));
    const prints = names.map((name) => `print("${name}", ${expressionOf(name)});`);
    const program = await compileC(
      "abi",
      `${PRELUDE}
      static void print(const char *name, long long number) {
        printf("%s %lld\\n", name, number);
      }
      int main(void) {
        ${prints.join("\n")}
        for (int error = 1; error < 4096; error++)
          if (strerrorname_np(error)) printf("libc.%d %d\\n", error, error);
        return 0;
      }`,
    );
    const lines = (await runC(program)).trimEnd().split("\n");
    truth = new Map(
      lines.map((line) => line.split(" ")).map(([name, number]) => [name!, Number(number)]),
    );
  });

  test.each(shared)("%s is the same in both", (group) => {
    expect(select(group, numbers)).toEqual(select(group, truth));
  });

  test("Errno has every error number of this libc, and no other", () => {
    const errors = new Set(Object.values(select("Errno", numbers)));
    expect(errors).toEqual(new Set(Object.values(select("libc", truth))));
  });
});
