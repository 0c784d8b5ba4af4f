// The numbers and layouts of macOS, FreeBSD and Windows in assembly/platform, held against lists that others keep:
// Debian's packages of Go's x/sys and of Rust's libc and winapi, and on the system itself Node's own.

import { constants } from "node:os";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { marshal } from "#host/marshal";
import { beforeAll, describe, expect, test } from "vitest";
import {
  goLayouts,
  linuxNumbers,
  noLists,
  numbersOf,
  rustLayouts,
  type Numbers,
} from "./support/lists.js";

const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
const root = fileURLToPath(new URL("..", import.meta.url));

const ABSENT = -(2 ** 31);
const systems = ["darwin", "freebsd", "windows"] as const;
type System = (typeof systems)[number];

/** Every member of every enum in a system's file, "AF.INET6", by its number. */
async function globalsOf(system: System): Promise<Map<string, number>> {
  const directory = await mkdtemp(join(tmpdir(), "wasi-sockets-platform-"));
  try {
    const out = join(directory, "numbers.wasm");
    const options = ["--bindings", "raw", "--runtime", "stub", "--use", "abort=", "--outFile", out];
    await promisify(execFile)(
      process.execPath,
      [asc, `assembly/platform/${system}.ts`, ...options],
      { cwd: root },
    );
    const { instance } = await WebAssembly.instantiate(await readFile(out), {});
    return new Map(
      Object.entries(instance.exports).flatMap(([name, value]) =>
        value instanceof WebAssembly.Global ? [[name, Number(value.value)] as const] : [],
      ),
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

const PROTOCOLS = Object.fromEntries(
  ["IP", "TCP", "UDP", "IPV6", "ICMPV6"].map((name) => [`SOL_${name}`, `IPPROTO_${name}`]),
);

const globals = {} as Record<System, Map<string, number>>;
beforeAll(async () => {
  for (const system of systems) globals[system] = await globalsOf(system);
});

/** The constants among them, by C's names. */
function constantsOf(system: System): [name: string, value: number][] {
  return [...globals[system]].flatMap(([key, value]): [string, number][] => {
    const [set, member] = key.split(".") as [string, string];
    if (!/^[A-Z]/.test(set)) return [];
    return [[nameOf(system, set, member), value]];
  });
}

/** The name that C has for a member of an enum, on a system. */
function nameOf(system: System, set: string, member: string): string {
  const prefix =
    set === "Errno" ? (system === "windows" ? "WSA" : "") : set.replace(/(?<!POLL)$/, "_");
  return names[system][prefix + member] ?? prefix + member;
}

/** What a system has under another name than Linux. */
const names: Record<System, Readonly<Record<string, string>>> = {
  darwin: { ...PROTOCOLS, SO_LINGER: "SO_LINGER_SEC", TCP_KEEPIDLE: "TCP_KEEPALIVE" },
  freebsd: PROTOCOLS,
  windows: {
    ...PROTOCOLS,
    IPV6_RECVPKTINFO: "IPV6_PKTINFO",
    IPV6_RECVHOPLIMIT: "IPV6_HOPLIMIT",
    TCP_KEEPIDLE: "TCP_KEEPALIVE",
    SHUT_RD: "SD_RECEIVE",
    SHUT_WR: "SD_SEND",
    SHUT_RDWR: "SD_BOTH",
    WSAEAGAIN: "WSAEWOULDBLOCK",
    WSAENOMEM: "WSA_NOT_ENOUGH_MEMORY",
    WSAECANCELED: "WSA_E_CANCELLED",
  },
};

/** What is another thing under that name, with the reason beside the value. */
const exceptions: Record<System, readonly string[]> = {
  darwin: ["IP_RETOPTS", "IP_MSFILTER"],
  freebsd: ["IP_RETOPTS", "IP_MSFILTER", "TCP_INFO", "TCP_MD5SIG"],
  windows: ["EAI_NODATA", "IP_MTU_DISCOVER", "IPV6_MTU_DISCOVER"],
};

/** What no list has: it stands by its header alone. */
const alone: Record<System, readonly string[]> = {
  darwin: ["EAI_ADDRFAMILY", "SO_BINDTODEVICE"],
  freebsd: ["POLLRDHUP"],
  windows: [
    ...[
      "BLOCK_SOURCE",
      "JOIN_GROUP",
      "JOIN_SOURCE_GROUP",
      "LEAVE_GROUP",
      "LEAVE_SOURCE_GROUP",
      "UNBLOCK_SOURCE",
    ].map((name) => `MCAST_${name}`),
    "TCP_FASTOPEN",
    "TCP_KEEPCNT",
    "TCP_KEEPINTVL",
  ],
};

describe.skipIf(noLists !== "")(
  `held against the lists of others${noLists && ` (${noLists})`}`,
  () => {
    describe.each(systems)("%s", (system) => {
      let lists: Readonly<Record<string, Numbers>>;
      beforeAll(() => {
        lists = numbersOf[system]!();
        for (const list of Object.values(lists)) expect(list.size).toBeGreaterThan(300);
      });

      test("every number that a list has is the same there", () => {
        const others = constantsOf(system).flatMap(([name, value]) =>
          Object.entries(lists).flatMap(([list, numbers]) => {
            const other = numbers.get(name);
            const differs =
              other !== undefined && other !== value && !exceptions[system].includes(name);
            return differs ? [`${name} is ${value}, and ${other} in ${list}`] : [];
          }),
        );
        expect(others).toEqual([]);
      });

      test("every number is in a list, but for those that are named", () => {
        const unknown = constantsOf(system)
          .filter(([name, value]) => {
            const known = Object.values(lists).some((numbers) => numbers.has(name));
            return value !== ABSENT && !known && !exceptions[system].includes(name);
          })
          .map(([name]) => name)
          .sort();
        expect(unknown).toEqual(alone[system]);
      });
    });
  },
);

/** The structs of a system's file by their names in x/sys, with the fields that have other names there. */
const structs: Readonly<
  Record<string, readonly [name: string, fields: Readonly<Record<string, string>>]>
> = {
  sockaddr_in: [
    "RawSockaddrInet4",
    { sin_len: "Len", sin_family: "Family", sin_port: "Port", sin_addr: "Addr", sin_zero: "Zero" },
  ],
  sockaddr_in6: [
    "RawSockaddrInet6",
    {
      sin6_len: "Len",
      sin6_family: "Family",
      sin6_port: "Port",
      sin6_flowinfo: "Flowinfo",
      sin6_addr: "Addr",
      sin6_scope_id: "Scope_id",
    },
  ],
  sockaddr_un: ["RawSockaddrUnix", { sun_len: "Len", sun_family: "Family", sun_path: "Path" }],
  iovec: ["Iovec", { iov_base: "Base", iov_len: "Len" }],
  msghdr: [
    "Msghdr",
    {
      msg_name: "Name",
      msg_namelen: "Namelen",
      msg_iov: "Iov",
      msg_iovlen: "Iovlen",
      msg_control: "Control",
      msg_controllen: "Controllen",
      msg_flags: "Flags",
    },
  ],
  cmsghdr: ["Cmsghdr", { cmsg_len: "Len", cmsg_level: "Level", cmsg_type: "Type" }],
  linger: ["Linger", { l_onoff: "Onoff", l_linger: "Linger" }],
  timeval: ["Timeval", { tv_sec: "Sec", tv_usec: "Usec" }],
  ip_mreqn: [
    "IPMreqn",
    { imr_multiaddr: "Multiaddr", imr_address: "Address", imr_ifindex: "Ifindex" },
  ],
  ipv6_mreq: ["IPv6Mreq", { ipv6mr_multiaddr: "Multiaddr", ipv6mr_interface: "Interface" }],
  in6_pktinfo: ["Inet6Pktinfo", { ipi6_addr: "Addr", ipi6_ifindex: "Ifindex" }],
  pollfd: ["PollFd", { fd: "Fd", events: "Events", revents: "Revents" }],
};

describe.skipIf(noLists !== "").each([
  ["darwin", "arm64"],
  ["darwin", "amd64"],
  ["freebsd", "amd64"],
  ["freebsd", "arm64"],
] as const)("the structs of %s on %s are laid out as x/sys has them", (system, machine) => {
  test.each(Object.entries(structs))("%s", (name, [theirs, fields]) => {
    const layout = goLayouts(system, machine).get(theirs)!;
    expect(layout["sizeof"]).toBe(globals[system].get(`${name}.sizeof`));
    for (const [field, other] of Object.entries(fields)) {
      expect(layout[other], field).toBe(globals[system].get(`${name}.${field}`));
    }
  });
});

describe.skipIf(noLists !== "").each(["darwin", "freebsd"] as const)(
  "the structs of %s are laid out as libc of Rust has them",
  (system) => {
    /** What a file has of a struct: its fields, and not where CMSG_DATA starts. */
    const fieldsOf = (name: string) =>
      [...globals[system]].flatMap(([key, value]): [string, number][] => {
        const [struct, field] = key.split(".") as [string, string];
        return struct === name && !["data", "alignment"].includes(field) ? [[field, value]] : [];
      });

    test("every struct, field by field, but for the one that libc lacks", () => {
      const layouts = rustLayouts(system);
      const structs = new Set([...globals[system].keys()].map((key) => key.split(".")[0]!));
      const lacking = [...structs].filter((name) => /^[a-z]/.test(name) && !layouts.has(name));
      expect(lacking).toEqual(["group_source_req"]);
      for (const [name, layout] of layouts) {
        const ours = Object.fromEntries(fieldsOf(name));
        const { alignment } = layout;
        if (structs.has(name)) expect({ ...ours, alignment }, name).toEqual(layout);
      }
    });
  },
);

describe.skipIf(noLists !== "")("Linux is the same with glibc and musl, on x64 and arm64", () => {
  const lists = noLists === "" ? linuxNumbers() : {};

  /** The guest ABI's numbers by C's names. */
  const numbers = Object.entries(
    marshal as unknown as Record<string, Record<string, number>>,
  ).flatMap(([set, members]): [string, number][] => {
    if (
      !/^(AF|SOCK|IPPROTO|MSG|AI|EAI|F|FD|O|SHUT|POLL|EPOLL|EPOLL_CTL|NI|SCM|SOL|SO|IP|MCAST|IPV6|TCP|UDP|Errno)$/.test(
        set,
      )
    )
      return [];
    const prefix = set === "Errno" ? "" : set === "POLL" ? "POLL" : `${set}_`;
    return Object.entries(members).map(([member, value]) => [prefix + member, value]);
  });

  test.each(Object.entries(lists))("%s", (_, list) => {
    const known = numbers.filter(([name]) => list.has(name));
    expect(known.length).toBeGreaterThan(250);
    const others = known.filter(([name, value]) => list.get(name) !== value);
    expect(
      others.map(([name, value]) => `${name} is ${value}, and ${list.get(name)!} there`),
    ).toEqual([]);
  });

  test.each(["amd64", "arm64"])("the structs that the kernel gets, in x/sys on %s", (machine) => {
    const layouts = goLayouts("linux", machine);
    const ours = marshal as unknown as Record<string, Record<string, number>>;
    const twins: Record<string, string> = {
      iovec: "native_iovec",
      msghdr: "native_msghdr",
      cmsghdr: "native_cmsghdr",
    };
    for (const [name, [theirs, fields]] of Object.entries(structs)) {
      const layout = ours[twins[name] ?? name]!;
      expect(layouts.get(theirs)!["sizeof"], name).toBe(layout["sizeof"]);
      for (const [field, other] of Object.entries(fields)) {
        if (field.startsWith("s") && other === "Len") continue; // no sa_len here
        expect(layouts.get(theirs)![other], field).toBe(layout[field]);
      }
    }
  });
});

test("on the system itself, Node's own numbers are the same", () => {
  const own = { darwin: "darwin", freebsd: "freebsd", win32: "windows" }[
    process.platform as string
  ];
  const numbers =
    own === undefined
      ? new Map(Object.entries(marshal.Errno as unknown as Record<string, number>))
      : new Map(constantsOf(own as System));
  const both = Object.entries(constants.errno).filter(([name]) => numbers.has(name));
  expect(both.length).toBeGreaterThan(30);
  for (const [name, value] of both) expect(numbers.get(name), name).toBe(value);
});
