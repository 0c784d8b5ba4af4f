// Who may reach a guest: the senders of datagrams and the peers of connections. node:dgram and node:net are the
// others, on 127.0.0.1 as the friend and on 127.0.0.2 as the stranger.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect as connectTo, type AddressInfo } from "node:net";
import {
  instantiate,
  open,
  type Allow,
  type Denied,
  type InetAddress,
  type Net,
} from "wasi-sockets";
import { describe, expect, onTestFinished, test } from "vitest";
import { encodeAddress } from "#host/address";
import { marshal, marshalBytes } from "#host/marshal";
import { compileFile } from "./support/guest.js";
import { errnoOf, expectErrno } from "./support/sockets.js";

type Raw = Record<"socket" | "sendto" | "recv" | "recvfrom", (...args: number[]) => number> & {
  memory: WebAssembly.Memory;
};

const FRIEND = "127.0.0.1";
const STRANGER = "127.0.0.2";
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (view: Uint8Array) => new TextDecoder().decode(view);
const inet = (address: string, port: number): InetAddress => ({ family: "inet", address, port });

async function start(allow: Allow): Promise<{ net: Net; denied: Denied[] }> {
  const denied: Denied[] = [];
  const net = await open({ allow, onDenied: (event) => denied.push(event) });
  onTestFinished(() => {
    net.dispose();
  });
  return { net, denied };
}

async function datagrams(address: string): Promise<Socket & { place: InetAddress }> {
  const socket = createSocket("udp4");
  onTestFinished(() => {
    socket.close();
  });
  socket.bind(0, address);
  await once(socket, "listening");
  return Object.assign(socket, { place: inet(address, socket.address().port) });
}

/** Sends, and returns once the datagram is in the receiver's queue: on loopback that is the same. */
async function send(from: Socket, message: string | Uint8Array, to: InetAddress): Promise<void> {
  await new Promise((done) => {
    from.send(message, to.port, to.address, done);
  });
}

/** Two senders, and the port of a guest that has sent something to the friend. */
async function met(allow: (friend: InetAddress) => Allow, type: ("nonblock" | "datagram")[]) {
  const friend = await datagrams(FRIEND);
  const stranger = await datagrams(STRANGER);
  const { net, denied } = await start(allow(friend.place));
  const fd = net.socket("inet", type);
  const hello = once(friend, "message") as Promise<[Buffer, { port: number }]>;
  expect(net.sendto(fd, bytes("hello"), null, friend.place)).toBe(5);
  const guest = inet(FRIEND, (await hello)[1].port);
  return { friend, stranger, net, denied, fd, guest };
}

const onlyFriend = ({ address, port }: InetAddress): Allow => ({
  connect: [`udp:${address}:${port}`],
});

/** Each way to receive one datagram: its bytes, or undefined where there is none. */
const receives: [
  call: string,
  receive: (net: Net, fd: number, room?: number) => string | undefined,
][] = [
  [
    "recv",
    (net, fd, room = 64) => {
      const buffer = net.buffer(room);
      const count = net.recv(fd, buffer);
      return count < 0 ? undefined : text(buffer.subarray(0, count));
    },
  ],
  [
    "recvfrom",
    (net, fd, room = 64) => {
      const buffer = new Uint8Array(room);
      const [count] = net.recvfrom(fd, buffer);
      return count === false ? undefined : text(buffer.subarray(0, count));
    },
  ],
  [
    "recvmsg",
    (net, fd, room = 64) => {
      const data = [new Uint8Array(1), new Uint8Array(2), new Uint8Array(room - 3)];
      const message = net.recvmsg(fd, { data });
      return message === null ? undefined : text(Buffer.concat(data).subarray(0, message.count));
    },
  ],
  [
    "recvmmsg",
    (net, fd, room = 64) => {
      const buffer = new Uint8Array(room);
      const messages = net.recvmmsg(fd, [{ data: [buffer] }]);
      return messages === null ? undefined : text(buffer.subarray(0, messages[0]!.count));
    },
  ],
];

describe.each(receives)("%s on a socket that was only allowed to send", (call, receive) => {
  test("drops the datagrams of others, and tells of each", async () => {
    const { friend, stranger, net, denied, fd, guest } = await met(onlyFriend, [
      "datagram",
      "nonblock",
    ]);
    await send(stranger, "one", guest);
    await send(stranger, "two", guest);
    await send(friend, "three", guest);
    await send(stranger, "four", guest);
    await send(friend, "five", guest);
    expect(receive(net, fd)).toBe("three");
    expect(receive(net, fd)).toBe("five");
    expect(receive(net, fd)).toBeUndefined();
    expectErrno(net, "EAGAIN");
    const event = { use: "udp-receive", protocol: "udp", address: stranger.place, syscall: call };
    expect(denied).toEqual([event, event, event]);
  });

  test("waits for one that is allowed, behind more than one try drops", async () => {
    const { friend, stranger, net, denied, fd, guest } = await met(onlyFriend, ["datagram"]);
    for (let i = 0; i < 150; i++) await send(stranger, "no", guest);
    await send(friend, "yes", guest);
    expect(receive(net, fd)).toBe("yes");
    expect(denied).toHaveLength(150);
  });

  test("drops what came before it was connected", async () => {
    const { friend, stranger, net, fd, guest } = await met(onlyFriend, ["datagram", "nonblock"]);
    await send(stranger, "early", guest);
    net.connect(fd, friend.place);
    await send(friend, "late", guest);
    expect(receive(net, fd)).toBe("late");
    expect(receive(net, fd)).toBeUndefined();
  });

  test("gets the largest datagram whole", async () => {
    const { friend, net, fd, guest } = await met(onlyFriend, ["datagram", "nonblock"]);
    const most = "0123456789abcdef".repeat(4096).slice(0, 65507);
    await send(friend, most, guest);
    expect(receive(net, fd, 70000) === most).toBe(true);
  });

  test("gets an empty datagram", async () => {
    const { friend, net, fd, guest } = await met(onlyFriend, ["datagram", "nonblock"]);
    await send(friend, "", guest);
    expect(receive(net, fd)).toBe("");
  });
});

describe("a datagram", () => {
  test("that is only peeked at is dropped as well", async () => {
    const { friend, stranger, net, fd, guest } = await met(onlyFriend, ["datagram", "nonblock"]);
    await send(stranger, "no", guest);
    await send(friend, "yes", guest);
    const buffer = new Uint8Array(8);
    for (let i = 0; i < 2; i++) {
      expect(net.recvfrom(fd, buffer, ["peek"])).toEqual([3, friend.place]);
      expect(text(buffer.subarray(0, 3))).toBe("yes");
    }
    expect(net.recv(fd, buffer)).toBe(3);
    expect(net.recv(fd, buffer)).toBe(-1);
  });

  test("that does not fit is cut, and its true length is told", async () => {
    const { friend, net, fd, guest } = await met(onlyFriend, ["datagram", "nonblock"]);
    await send(friend, "0123456789", guest);
    await send(friend, "0123456789", guest);
    const buffer = new Uint8Array(4);
    expect(net.recv(fd, buffer, ["trunc"])).toBe(10);
    expect(text(buffer)).toBe("0123");
    const data = [new Uint8Array(1), new Uint8Array(0), new Uint8Array(3)];
    expect(net.recvmsg(fd, { data })).toMatchObject({
      count: 4,
      flags: ["trunc"],
      address: friend.place,
    });
    expect(text(Buffer.concat(data))).toBe("0123");
  });

  test("of a batch is dropped among those that are allowed", async () => {
    const { friend, stranger, net, fd, guest } = await met(onlyFriend, ["datagram", "nonblock"]);
    for (const [from, message] of [
      [stranger, "a"],
      [friend, "bb"],
      [stranger, "ccc"],
      [friend, "dddd"],
    ] as const)
      await send(from, message, guest);
    const rooms = [1, 2, 3].map(() => ({ data: [new Uint8Array(8)] }));
    const messages = net.recvmmsg(fd, rooms)!;
    expect(messages.map(({ count, address }) => [count, address])).toEqual([
      [2, friend.place],
      [4, friend.place],
    ]);
    expect(text(rooms[0]!.data[0]!)).toBe("bb\0\0\0\0\0\0");
    expect(text(rooms[1]!.data[0]!)).toBe("dddd\0\0\0\0");
    expect(text(rooms[2]!.data[0]!)).toBe("\0".repeat(8));
  });

  type Row = [who: string, allow: (port: number) => Allow, heard: string[]];
  const rows: Row[] = [
    ["anybody, where bind lets it", () => ({ bind: ["udp:127.0.0.1:0"] }), ["friend", "stranger"]],
    ["nobody, where receive is empty", () => ({ bind: ["udp:127.0.0.1:0"], receive: [] }), []],
    [
      "whom receive names",
      () => ({ bind: ["udp:127.0.0.1:0"], receive: ["udp:127.0.0.2:*"] }),
      ["stranger"],
    ],
    [
      "whom receive names, by their port",
      (port) => ({ bind: true, receive: [`127.0.0.0/8:${port}`] }),
      ["friend"],
    ],
    [
      "whom receive names, and whom it may send to",
      (port) => ({
        bind: true,
        receive: ["udp:127.0.0.2:*"],
        connect: [`udp:127.0.0.1:${port}`],
      }),
      ["friend", "stranger"],
    ],
    [
      "anybody, where receive is true",
      () => ({ bind: true, receive: true }),
      ["friend", "stranger"],
    ],
  ];
  test.each(rows)("on a port that was bound comes from %s", async (_, allow, heard) => {
    const friend = await datagrams(FRIEND);
    const stranger = await datagrams(STRANGER);
    const { net } = await start(allow(friend.place.port));
    const fd = net.socket("inet", ["datagram", "nonblock"]);
    net.bind(fd, inet(FRIEND, 0));
    const guest = net.getsockname(fd) as InetAddress;
    await send(friend, "friend", guest);
    await send(stranger, "stranger", guest);
    const buffer = new Uint8Array(16);
    const messages: string[] = [];
    for (let count = 0; (count = net.recv(fd, buffer)) >= 0;) {
      messages.push(text(buffer.subarray(0, count)));
    }
    expect(messages).toEqual(heard);
  });

  test("comes from anybody on a port of the kernel's that the guest might have bound itself", async () => {
    const { stranger, net, fd, guest } = await met(
      (place) => ({ ...onlyFriend(place), bind: ["udp:0.0.0.0:0"] }),
      ["datagram", "nonblock"],
    );
    await send(stranger, "yes", guest);
    expect(net.recv(fd, new Uint8Array(8))).toBe(3);
  });

  test("to an IPv6 socket comes from an IPv4 address as such", async () => {
    const friend = await datagrams(FRIEND);
    const stranger = await datagrams(STRANGER);
    const { net, denied } = await start({ bind: ["udp:[::]:0"], receive: ["udp:127.0.0.1:*"] });
    const fd = net.socket("inet6", ["datagram", "nonblock"]);
    net.setsockopt(fd, "ipv6", "v6only", false);
    net.bind(fd, { family: "inet6", address: "::", port: 0 });
    const { port } = net.getsockname(fd) as InetAddress;
    await send(stranger, "no", inet(FRIEND, port));
    await send(friend, "yes!", inet(FRIEND, port));
    expect(net.recv(fd, new Uint8Array(8))).toBe(4);
    expect(denied).toEqual([
      { use: "udp-receive", protocol: "udp", address: stranger.place, syscall: "recv" },
    ]);
  });
});

test.each(["recv", "recvfrom"] as const)(
  "not a byte of a stranger's datagram comes into the memory of a guest that calls %s",
  async (call) => {
    const friend = await datagrams(FRIEND);
    const stranger = await datagrams(STRANGER);
    const wasm = await compileFile("raw", ["--initialMemory", "1"]);
    const allow = { connect: [`udp:${FRIEND}:${friend.place.port}`] };
    using guest = await instantiate<Raw>(wasm, { allow });
    const raw = guest.exports;
    const memory = Buffer.from(raw.memory.buffer);
    const [NAME, LENGTH, ROOM] = [1024, 1280, 2048];
    const { AF, SOCK } = marshal;
    const length = encodeAddress(marshal, marshalBytes, friend.place, () => 0);
    memory.set(marshalBytes.subarray(marshal.address, marshal.address + length), NAME);
    const hello = once(friend, "message") as Promise<[Buffer, { port: number }]>;
    const fd = raw.socket(AF.INET, SOCK.DGRAM | SOCK.NONBLOCK, 0);
    expect(raw.sendto(fd, ROOM, 5, 0, NAME, length)).toBe(5);
    const at = inet(FRIEND, (await hello)[1].port);
    await send(stranger, "a secret of the stranger's", at);
    memory.writeInt32LE(length, LENGTH);
    const before = Buffer.from(memory);
    const name = call === "recv" ? [] : [NAME, LENGTH];
    expect(raw[call](fd, ROOM, 64, 0, ...name)).toBe(-errnoOf("EAGAIN"));
    expect(memory.equals(before)).toBe(true);
    await send(friend, "yes", at);
    expect(raw[call](fd, ROOM, 64, 0, ...name)).toBe(3);
    expect(memory.toString("latin1", ROOM, ROOM + 4)).toBe("yes\0");
  },
);

describe("accept", () => {
  async function listener(allow: Allow, type: ("stream" | "nonblock")[]) {
    const { net, denied } = await start({ bind: ["tcp:127.0.0.1:0"], ...allow });
    const fd = net.socket("inet", type);
    net.bind(fd, inet(FRIEND, 0));
    net.listen(fd, 8);
    return { net, denied, fd, at: net.getsockname(fd) as InetAddress };
  }

  /** A connection, and what becomes of it. */
  async function client(at: InetAddress, localAddress: string) {
    const socket = connectTo({ host: at.address, port: at.port, localAddress });
    onTestFinished(() => {
      socket.destroy();
    });
    socket.on("error", () => undefined);
    const closed = once(socket, "close");
    await once(socket, "connect");
    return { closed, place: inet(localAddress, (socket.address() as AddressInfo).port) };
  }

  test("takes the first peer that is allowed, and closes the others", async () => {
    const { net, denied, fd, at } = await listener({ accept: [`tcp:${FRIEND}/32:*`] }, ["stream"]);
    const stranger = await client(at, STRANGER);
    const friend = await client(at, FRIEND);
    const before = net.socket("inet", "datagram");
    const accepted = net.accept(fd);
    expect(accepted).toBe(before + 1);
    expect(net.getpeername(accepted)).toEqual(friend.place);
    await stranger.closed;
    expect(denied).toEqual([
      { use: "tcp-accept", protocol: "tcp", address: stranger.place, syscall: "accept" },
    ]);
  });

  test("finds nobody where only others came", async () => {
    const { net, fd, at } = await listener({ accept: [] }, ["stream", "nonblock"]);
    const { closed } = await client(at, FRIEND);
    expect(() => net.accept(fd)).toThrow(expect.objectContaining({ code: "EAGAIN" }) as Error);
    await closed;
  });

  test("takes anybody where accept is absent or true", async () => {
    for (const allow of [{}, { accept: true }] as Allow[]) {
      const { net, denied, fd, at } = await listener(allow, ["stream"]);
      const { place } = await client(at, STRANGER);
      expect(net.getpeername(net.accept(fd))).toEqual(place);
      expect(denied).toEqual([]);
    }
  });
});

describe("a socket that a guest passes to itself gets no more than it had", () => {
  function passed(net: Net, fd: number): number {
    const [left, right] = net.socketpair("unix", "datagram");
    const rights = { level: "socket", type: "rights", fds: [fd] } as const;
    expect(net.sendmsg(left, { data: [bytes("x")], control: [rights] })).toBe(1);
    const message = net.recvmsg(right, { data: [new Uint8Array(1)], control: 64 })!;
    return (message.control[0] as unknown as typeof rights).fds[0];
  }

  test("listen on one that was never bound is refused", async () => {
    const { net } = await start({ connect: true });
    const copy = passed(net, net.socket("inet", "stream"));
    expect(() => {
      net.listen(copy, 1);
    }).toThrow(expect.objectContaining({ code: "EACCES" }) as Error);
  });

  test("a datagram of a stranger stays away", async () => {
    const { friend, stranger, net, fd, guest } = await met(onlyFriend, ["datagram", "nonblock"]);
    const copy = passed(net, fd);
    net.fcntlSet(copy, "setfl", ["nonblock"]);
    await send(stranger, "no", guest);
    await send(friend, "yes", guest);
    expect(net.recv(copy, new Uint8Array(8))).toBe(3);
    expect(net.recv(fd, new Uint8Array(8))).toBe(-1);
  });
});
