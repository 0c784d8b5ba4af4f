// Verdicts are kept in one table for all guests of a thread, with fewer places than there are addresses here: whoever
// asks, whatever for, and whatever was asked before, the answer is the one that `allow` gives.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import fc from "fast-check";
import { open, type Allow, type Inet6Address, type InetAddress } from "wasi-sockets";
import { encodeAddress } from "#host/address";
import { marshal, marshalBytes } from "#host/marshal";
import { Verdicts } from "#host/policy/verdicts";
import { beforeAll, expect, onTestFinished, test } from "vitest";

/** What a socket is told. */
const MESSAGE = Uint8Array.of(1);

/** A port of this process: nobody else has it on another address of 127.0.0.0/8. */
let port: number;

beforeAll(async () => {
  const peer = createSocket("udp4").bind(0, "127.0.0.1");
  await once(peer, "listening");
  ({ port } = peer.address());
  return () => peer.close();
});

async function start(allow: Allow) {
  const net = await open({ allow });
  onTestFinished(() => {
    net.dispose();
  });
  const udp = { inet: net.socket("inet", "datagram"), inet6: net.socket("inet6", "datagram") };
  return {
    net,
    udp,
    /** Sends a datagram: "", or the name of the error. */
    send: (to: InetAddress | Inet6Address): string =>
      net.sendto(udp[to.family], MESSAGE, null, to) < 0 ? net.errno!.code : "",
  };
}

const inet = (address: string, at = port): InetAddress => ({ family: "inet", address, port: at });
const mapped = (address: string): Inet6Address => ({
  family: "inet6",
  address: `::ffff:${address}`,
  port,
});

test("three guests, each with a third of 6,144 addresses, in every order", async () => {
  const thirds = [0, 1, 2];
  const lists = thirds.map((third) => `udp:127.${third}.0.0/16:${port}`);
  const guests = await Promise.all(lists.map((connect) => start({ connect: [connect] })));
  const ask = fc.record({
    order: fc.shuffledSubarray(thirds, { minLength: 3 }),
    third: fc.constantFrom(...thirds),
    // Some come again soon, and most of the others do not.
    host: fc.oneof(fc.nat(7), fc.nat(2047)),
    make: fc.constantFrom(inet, mapped),
  });
  fc.assert(
    fc.property(fc.array(ask, { minLength: 200, maxLength: 400 }), (asks) => {
      for (const { order, third, host, make } of asks) {
        const to = make(`127.${third}.${1 + (host >> 8)}.${host & 255}`);
        const answers = order.map((guest) => guests[guest]!.send(to));
        expect(answers).toEqual(order.map((guest) => (guest === third ? "" : "EACCES")));
      }
    }),
    { numRuns: 30 },
  );
});

test("what one protocol may reach, another may not", async () => {
  const { net, send } = await start({ connect: [`udp:127.0.0.1:${port}`] });
  expect(send(inet("127.0.0.1"))).toBe("");
  const fd = net.socket("inet", "stream");
  expect(() => {
    net.connect(fd, inet("127.0.0.1"));
  }).toThrow(expect.objectContaining({ code: "EACCES" }) as Error);
  expect(send(inet("127.0.0.1"))).toBe("");
});

test("who may be heard, may not be sent to", async () => {
  const { net, udp, send } = await start({ bind: ["127.0.0.1:0"], receive: ["127.0.0.1:*"] });
  net.bind(udp.inet, inet("127.0.0.1", 0));
  const { port: to } = net.getsockname(udp.inet) as InetAddress;
  const sender = createSocket("udp4").bind(0, "127.0.0.1");
  onTestFinished(() => {
    sender.close();
  });
  await once(sender, "listening");
  for (let i = 0; i < 2; i++) {
    await new Promise((sent) => {
      sender.send(MESSAGE, to, "127.0.0.1", sent);
    });
    const from = inet("127.0.0.1", sender.address().port);
    expect(net.recvfrom(udp.inet, new Uint8Array(8))).toMatchObject([1, from]);
    expect(send(from)).toBe("EACCES");
  }
});

test("a verdict is one policy's, on one kind of socket, one use and the very bytes", () => {
  const { AF, SOCK, address } = marshal;
  const kind = { domain: AF.INET, type: SOCK.DGRAM, protocol: 0 };
  const length = encodeAddress(marshal, marshalBytes, inet("127.0.0.1", 9), () => 0);
  const verdicts = new Verdicts();
  const holds = (): boolean => verdicts.has("connect", kind, 1, address, length);
  verdicts.keep("connect", kind, 1, address, length);
  expect(holds()).toBe(true);

  // Many more than the table has places: some share one with it.
  const others = Array.from({ length: 50_000 }, () => new Verdicts());
  expect(others.filter((other) => other.has("connect", kind, 1, address, length))).toEqual([]);

  const asked: Parameters<Verdicts["has"]>[] = [
    ["receive", kind, 1, address, length],
    ["connect", { ...kind, domain: AF.INET6 }, 1, address, length],
    ["connect", { ...kind, type: SOCK.STREAM }, 1, address, length],
    ["connect", { ...kind, protocol: 1 }, 1, address, length],
    ["connect", kind, 2, address, length],
    ["connect", kind, 1, address, length - 1],
    ["connect", kind, 1, address, 1 << 20],
  ];
  for (const one of asked) expect(verdicts.has(...one), JSON.stringify(one)).toBe(false);
  for (let i = 0; i < length; i++) {
    marshalBytes[address + i]! ^= 1;
    expect(holds(), `byte ${i}`).toBe(false);
    marshalBytes[address + i]! ^= 1;
  }
  expect(holds()).toBe(true);
});
