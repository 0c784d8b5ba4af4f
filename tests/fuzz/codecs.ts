// The second kind of fuzzing: what the codecs of build/marshal.wasm convert, beside what C makes of the same
// bytes with the system's own headers, codecs.c under AddressSanitizer.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text as textOf } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { marshal, marshalBytes } from "#host/marshal";
import { compiler } from "../support/compiler.js";
import { Random } from "./random.js";
import { complete } from "../support/system.js";

const { AF, IP, Kind, SCM, SOL, address, block, entry, events, control, text } = marshal;
const { SOCKADDR_MAX, TEXT_SIZE, BLOCK_SIZE } = marshal;
const view = Buffer.from(marshalBytes.buffer);

const SOURCE = fileURLToPath(
  new URL("tests/fuzz/codecs.c", import.meta.resolve("wasi-sockets/package.json")),
);
// prettier-ignore
const FLAGS = ["-std=gnu11", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/** One conversion: what is asked, and what the codecs say to it in the form of C's answer. */
interface Conversion {
  readonly name: string;
  /** Makes the bytes of a request. */
  request(random: Random): Buffer;
  /** What the codecs make of it; C's answer holds what only C can know. */
  ours(request: Buffer, answer: Buffer): Buffer;
}

/** Numbers as C reads them. */
function pack(...parts: (number | bigint | Uint8Array | { double: number })[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (part instanceof Uint8Array) return part;
      const bytes = Buffer.alloc(typeof part === "number" ? 4 : 8);
      if (typeof part === "number") bytes.writeInt32LE(part | 0);
      else if (typeof part === "bigint") bytes.writeBigUInt64LE(part);
      else bytes.writeDoubleLE(part.double);
      return bytes;
    }),
  );
}

/** Bytes of the codecs' memory. */
function copy(at: number, length: number): Buffer {
  return Buffer.from(view.subarray(at, at + length));
}

const INTERNET = [AF.INET, AF.INET6] as const;
const HEX = Array.from("0123456789abcdefABCDEF");

/** Text that is an address, or nearly. */
function addressText(random: Random): string {
  const group = (): string =>
    Array.from({ length: 1 + random.below(4) }, () => random.oneOf(HEX)).join("");
  const dotted = (): string =>
    Array.from({ length: 4 }, () => random.below(random.oneOf([10, 256, 300]))).join(".");
  const groups = (): string => {
    const list = Array.from({ length: random.below(9) }, group);
    if (random.once(3)) list.splice(random.below(list.length + 1), 0, "");
    if (random.once(4)) list.push(dotted());
    return list.join(":");
  };
  let made = random.oneOf([
    dotted,
    groups,
    () => `::${group()}`,
    () => `${groups()}::${groups()}`,
  ])();
  if (random.once(6)) {
    const at = random.below(made.length + 1);
    const odd = random.oneOf(["0", ":", ".", "::", "%1", " ", "x", "\0", "g", "é"]);
    made = made.slice(0, at) + odd + made.slice(at + random.below(2));
  }
  return made;
}

/** An address of a family: of any bits, or of few. */
function addressBytes(random: Random): Buffer {
  const bytes = random.bytes(16);
  const zeros = random.below(9);
  for (let i = 0; i < zeros; i++) bytes.fill(0, 2 * random.below(8)).fill(random.integer(), 14);
  if (random.once(4)) bytes.fill(0, 0, 10).fill(random.oneOf([0, 0xff]), 10, 12);
  return bytes;
}

/** Writes bytes into the `text` scratch area: how many there are. */
function setText(bytes: Buffer): number {
  view.fill(0xa5, text, text + TEXT_SIZE);
  view.set(bytes, text);
  return bytes.length;
}

const pton: Conversion = {
  name: "inet_pton",
  request: (random) => pack(random.oneOf(INTERNET), Buffer.from(addressText(random))),
  ours(request) {
    const family = request.readInt32LE(0);
    const ok = Number(marshal.inet_pton(family, text, setText(request.subarray(4)), address));
    return ok === 0 ? pack(0) : pack(1, copy(address, family === AF.INET ? 4 : 16));
  },
};

const ntop: Conversion = {
  name: "inet_ntop",
  request: (random) => pack(random.oneOf(INTERNET), addressBytes(random)),
  ours(request) {
    view.set(request.subarray(4), address);
    return copy(text, marshal.inet_ntop(request.readInt32LE(0), address, text));
  },
};

const sockaddr: Conversion = {
  name: "a sockaddr from its fields",
  request(random) {
    const family = random.oneOf([...INTERNET, AF.UNIX]);
    const path = random.bytes(random.below(random.once(2) ? 112 : 20));
    // Most paths have no NUL within.
    if (!random.once(4)) path.forEach((byte, i) => (path[i] = i > 0 && byte === 0 ? 1 : byte));
    const written =
      family === AF.UNIX ? path : Buffer.from(addressText(random).replaceAll("\0", ""));
    return pack(family, random.below(65536), random.integer(), random.integer(), written);
  },
  ours(request) {
    const [family, port, flowinfo, scope] = [0, 4, 8, 12].map((at) => request.readInt32LE(at)) as [
      number,
      number,
      number,
      number,
    ];
    const length = setText(request.subarray(16));
    const encode = {
      [AF.INET]: () => marshal.encodeInet(address, text, length, port),
      [AF.INET6]: () => marshal.encodeInet6(address, text, length, port, flowinfo, scope),
      [AF.UNIX]: () => marshal.encodeUnix(address, text, length),
    };
    return copy(address, Math.max(0, encode[family]!()));
  },
};

/** What the codecs read of the sockaddr in the `address` scratch area. */
function fields(length: number): string {
  const textAt = (): string => copy(text, marshal.textOf(address, text)).toString();
  switch (marshal.decodableFamily(address, length)) {
    case AF.INET:
      return `inet ${textAt()} ${marshal.portOf(address)}`;
    case AF.INET6: {
      const numbers = [marshal.flowinfoOf(address), marshal.scopeOf(address, length)];
      return `inet6 ${textAt()} ${marshal.portOf(address)} ${numbers.map((n) => n >>> 0).join(" ")}`;
    }
    case AF.UNIX: {
      const path = copy(marshal.pathOf(address), marshal.pathLengthOf(address, length));
      return `unix ${path.toString("hex")}`;
    }
    default:
      return "other";
  }
}

const decode: Conversion = {
  name: "the fields of a sockaddr",
  request(random) {
    const length = random.once(3)
      ? random.below(129)
      : random.oneOf([0, 1, 2, 15, 16, 23, 24, 27, 28, 109, 110, 111]);
    const bytes = Buffer.concat([random.bytes(8), addressBytes(random), random.bytes(104)]);
    bytes.writeUInt16LE(
      random.once(8) ? random.below(65536) : random.oneOf([...INTERNET, AF.UNIX, AF.UNIX]),
    );
    if (random.once(3)) bytes.fill(0, 2 + random.below(20), 30 + random.below(20));
    return pack(length, bytes.subarray(0, length));
  },
  ours(request) {
    const length = request.readInt32LE(0);
    view.fill(0xa5, address, address + SOCKADDR_MAX);
    view.set(request.subarray(4), address);
    return Buffer.from(fields(length));
  },
};

/** Whether this machine packs struct epoll_event: as C's answers are long. */
const isPacked = (bytes: number, count: number) =>
  bytes === count * marshal.packed_epoll_event.sizeof;

const event: Conversion = {
  name: "an epoll_event for the kernel",
  request: (random) => random.bytes(marshal.epoll_event.sizeof),
  ours(request, answer) {
    view.set(request, block);
    view.fill(0, events, events + answer.length);
    marshal.encodeEvent(block, isPacked(answer.length, 1));
    return copy(events, answer.length);
  },
};

const eventList: Conversion = {
  name: "epoll_events from the kernel",
  request(random) {
    const count = random.below(6);
    return pack(count, random.bytes(count * packedSize()));
  },
  ours(request) {
    const count = request.readInt32LE(0);
    const size = count * marshal.epoll_event.sizeof;
    view.set(request.subarray(4), events);
    view.fill(0, block, block + size);
    marshal.decodeEvents(block, count, packedSize() === marshal.packed_epoll_event.sizeof);
    return copy(block, size);
  },
};

/** Bytes of the kernel's struct epoll_event: only x86-64 packs it. */
function packedSize(): number {
  return process.arch === "x64" ? marshal.packed_epoll_event.sizeof : marshal.epoll_event.sizeof;
}

/** The kinds as codecs.c numbers them. */
const KINDS = [Kind.INT, Kind.LINGER, Kind.TIMEVAL] as const;

const option: Conversion = {
  name: "the value of an option",
  request: (random) =>
    pack(
      random.below(3),
      { double: random.integer() },
      { double: random.once(2) ? 0 : random.integer() },
    ),
  ours(request) {
    const kind = KINDS[request.readInt32LE(0)]!;
    const [first, second] = [request.readDoubleLE(4), request.readDoubleLE(12)];
    return copy(block, marshal.encodeOption(kind, block, first, second));
  },
};

const optionValue: Conversion = {
  name: "the numbers of an option",
  request(random) {
    const kind = random.below(3);
    const words = Array.from({ length: 4 }, () => random.integer());
    // What a double cannot hold is none of ours.
    if (kind === 2) [words[1], words[3]] = [random.below(1 << 20), -random.below(1 << 20)];
    return pack(kind, ...words);
  },
  ours(request) {
    const kind = KINDS[request.readInt32LE(0)]!;
    view.set(request.subarray(4), block);
    return pack(
      { double: marshal.optionFirst(kind, block) },
      { double: marshal.optionSecond(kind, block) },
    );
  },
};

/** The level and type of a control message: mostly of descriptors. */
function controlType(random: Random): [level: number, type: number] {
  if (random.once(2)) return [SOL.SOCKET, SCM.RIGHTS];
  return random.oneOf([
    [SOL.SOCKET, SCM.CREDENTIALS],
    [SOL.IP, IP.TTL],
    [random.integer(), random.integer()],
  ]);
}

/** Words of the codecs' memory. */
function words(at: number, count: number): Buffer {
  return copy(at, 4 * count);
}

const controlOut: Conversion = {
  name: "control data for the kernel",
  request(random) {
    const parts: Buffer[] = [];
    for (let messages = random.below(5); messages > 0; messages--) {
      const data = random.bytes(random.below(random.once(20) ? 2100 : 24));
      const length = random.once(8)
        ? random.oneOf([0, 11, -1, 13 + data.length, random.integer()])
        : 12 + data.length;
      const padding = random.once(12) ? random.below(4) : -data.length & 3;
      parts.push(pack(length, ...controlType(random), data, Buffer.alloc(padding)));
    }
    if (random.once(8)) parts.push(random.bytes(random.below(20)));
    return pack(random.once(4) ? random.below(128) : marshal.CONTROL_MAX, ...parts);
  },
  ours(request) {
    const data = request.subarray(4);
    marshal.batchBegin(0, 0, 0);
    const out = marshal.messageControl();
    view.set(data, control);
    const length = marshal.encodeControl(data.length, out, request.readInt32LE(0));
    if (length < 0) return pack(-1);
    const count = marshal.rightsCount();
    const places = words(marshal.rights, count);
    for (let i = 0; i < count; i++) places.writeInt32LE(places.readInt32LE(4 * i) - out, 4 * i);
    return pack(length, copy(out, length), count, places);
  },
};

const controlIn: Conversion = {
  name: "control data from the kernel",
  request(random) {
    const parts: Buffer[] = [];
    for (let messages = random.below(5); messages > 0; messages--) {
      const [level, type] = controlType(random);
      const carries = level === SOL.SOCKET && type === SCM.RIGHTS;
      // The kernel gives whole descriptors, and SCM_MAX_FD of unix(7), 253, at most.
      const data = random.bytes(
        carries ? 4 * random.below(random.once(8) ? 63 : 6) : random.below(24),
      );
      parts.push(pack(BigInt(16 + data.length), level, type, data, Buffer.alloc(-data.length & 7)));
    }
    const capacity = random.once(4) ? 4096 : random.below(128);
    return pack(capacity, random.once(3) ? random.below(8) : 512, ...parts);
  },
  ours(request) {
    const [capacity, descriptors] = [request.readInt32LE(0), request.readInt32LE(4)];
    const native = request.subarray(8);
    view.fill(0, control, control + marshal.CONTROL_SIZE);
    view.set(native, block);
    const length = marshal.decodeControl(block, native.length, capacity, descriptors);
    const taken = marshal.rightsCount();
    const numbers = Array.from({ length: taken }, (_, i) =>
      view.readInt32LE(view.readInt32LE(marshal.rights + 4 * i)),
    );
    const left = marshal.surplusCount();
    return pack(
      length,
      copy(control, length),
      Number(marshal.controlCut()),
      taken,
      ...numbers,
      left,
      words(marshal.surplus, left),
    );
  },
};

/** Native addresses as they might be: the codecs' memory, and a guest's. */
const SCRATCH = 0x7f12_3456_7000;

const batch: Conversion = {
  name: "a message and its vectors",
  request(random) {
    const size = random.oneOf([0, 65536, 0xffff0000]);
    const count = random.below(random.once(12) ? 300 : 5);
    const vectors = Array.from({ length: count }, () => [
      random.once(10) ? random.integer() : random.below(Math.max(size, 1)),
      random.once(10) ? random.integer() : random.below(random.oneOf([1, 100, 4000])),
    ]);
    marshal.batchBegin(0, 0, 0);
    const name = BigInt(SCRATCH + marshal.messageName(0));
    // Where the vectors lie only the codecs know: behind the names.
    const iov = BigInt(SCRATCH + marshal.messageName(marshal.BATCH_MAX));
    const data = BigInt(SCRATCH + marshal.messageControl());
    const base = BigInt(random.below(1 << 30)) * 65536n;
    const skip = BigInt(random.once(2) ? 0 : random.below(4000));
    const lengths = [
      random.once(2) ? 0 : random.below(129),
      random.once(2) ? 0 : random.below(4096),
    ];
    return pack(base, BigInt(size), skip, name, iov, data, ...lengths, count, ...vectors.flat());
  },
  ours(request) {
    const [base, size, skip] = [0, 8, 16].map((at) => Number(request.readBigUInt64LE(at))) as [
      number,
      number,
      number,
    ];
    const [name, data, count] = [48, 52, 56].map((at) => request.readInt32LE(at)) as [
      number,
      number,
      number,
    ];
    marshal.batchBegin(SCRATCH, base, size);
    view.fill(0xa5, marshal.messages, marshal.messages + marshal.mmsghdr.sizeof);
    view.writeInt32LE(count, marshal.messages + marshal.msghdr.msg_iovlen);
    view.set(request.subarray(60), marshal.iovecs);
    if (!marshal.batchAdd(skip, name, data)) return pack(0);
    const header = copy(marshal.headers, marshal.native_mmsghdr.sizeof);
    const iov = Number(header.readBigUInt64LE(marshal.native_msghdr.msg_iov)) - SCRATCH;
    const vectors = copy(iov, count * marshal.native_iovec.sizeof);
    return pack(1, { double: marshal.messageBytes() }, header, vectors);
  },
};

const addresses: Conversion = {
  name: "a block of addrinfo",
  request(random) {
    const count = random.below(5);
    const entries = Array.from({ length: count }, () => {
      const bytes = random.bytes(random.below(129));
      const name = random.once(2) ? undefined : random.bytes(random.below(40));
      const numbers = Array.from({ length: 4 }, () => random.integer());
      return pack(...numbers, bytes.length, bytes, name?.length ?? -1, name ?? Buffer.alloc(0));
    });
    return pack(random.integer() & 0x7fffffff, count, ...entries);
  },
  ours(request, answer) {
    const count = request.readInt32LE(4);
    let at = 8;
    const take = (length: number): Buffer => request.subarray(at, (at += length));
    view.fill(0xa5, block, block + BLOCK_SIZE);
    marshal.addrinfoBegin(request.readInt32LE(0));
    const { sizeof } = marshal.native_addrinfo;
    for (let i = 0; i < count; i++) {
      view.set(answer.subarray(i * sizeof, (i + 1) * sizeof), entry);
      take(16);
      const bytes = take(take(4).readInt32LE());
      const nameLength = take(4).readInt32LE();
      const name = take(Math.max(0, nameLength));
      view.set(bytes, marshal.addrinfoAppend(nameLength));
      if (nameLength >= 0) view.set(name, marshal.addrinfoName());
    }
    const size = marshal.addrinfoSize();
    return pack(answer.subarray(0, count * sizeof), size, copy(block, size));
  },
};

const hints: Conversion = {
  name: "hints of getaddrinfo",
  request: (random) => random.bytes(marshal.addrinfo.sizeof),
  ours(request) {
    view.set(request, block);
    marshal.addrinfoHints(block);
    return copy(entry, marshal.native_addrinfo.sizeof);
  },
};

/** In the order of codecs.c. */
// prettier-ignore
const CONVERSIONS: readonly Conversion[] = [
  pton, ntop, sockaddr, decode, event, eventList, option, optionValue, controlOut, controlIn, batch, addresses, hints,
];

/** What a run of conversions found. */
export interface CodecsOutcome {
  /** How many were compared, by name. */
  readonly counts: Readonly<Record<string, number>>;
  /** The first one that differs, or what the C program complained of. */
  readonly failed?: string;
  /** Why nothing was run. */
  readonly skipped?: string;
}

/** Compiles codecs.c: the program, or why there is none. */
function compile(directory: string): { program: string } | { missing: string } {
  if ("missing" in compiler) return compiler;
  const program = join(directory, "codecs");
  try {
    execFileSync(compiler.command, [...FLAGS, SOURCE, "-o", program], { stdio: "pipe" });
    return { program };
  } catch (error) {
    if (complete) throw error;
    return { missing: `no AddressSanitizer: ${(error as Error).message.split("\n")[1] ?? ""}` };
  }
}

/** Asks the C program: its answers in order, and its complaint. */
async function ask(
  program: string,
  requests: Buffer,
): Promise<{ answers: Buffer[]; complaint: string }> {
  const child = spawn(program, { stdio: "pipe" });
  child.stdin.on("error", () => undefined).end(requests);
  const [output, complaint] = await Promise.all([buffer(child.stdout), textOf(child.stderr)]);
  const answers: Buffer[] = [];
  for (let at = 0; at + 4 <= output.length;) {
    const end = at + 4 + output.readUInt32LE(at);
    answers.push(output.subarray(at + 4, end));
    at = end;
  }
  return { answers, complaint };
}

/** Compares so many conversions. */
export async function fuzzCodecs(seed: number, count: number): Promise<CodecsOutcome> {
  const counts = Object.fromEntries(CONVERSIONS.map(({ name }) => [name, 0]));
  const directory = mkdtempSync(join(tmpdir(), "wasi-sockets-codecs-"));
  try {
    const compiled = compile(directory);
    if ("missing" in compiled) return { counts, skipped: compiled.missing };
    const random = new Random(seed);
    const BATCH = 20000;
    for (let done = 0; done < count; done += BATCH) {
      const asked = Array.from({ length: Math.min(BATCH, count - done) }, () => {
        const index = random.below(CONVERSIONS.length);
        return { index, request: CONVERSIONS[index]!.request(random) };
      });
      const requests = asked.map(({ index, request }) => pack(index, request.length, request));
      const { answers, complaint } = await ask(compiled.program, Buffer.concat(requests));
      for (const [i, { index, request }] of asked.entries()) {
        const conversion = CONVERSIONS[index]!;
        const { name } = conversion;
        const answer = answers[i];
        const hex = `${name} of ${request.toString("hex")}`;
        if (answer === undefined) return { counts, failed: `${hex}: C says ${complaint}` };
        const made = conversion.ours(request, answer);
        if (!made.equals(answer)) {
          const [wasm, c] = [made.toString("hex"), answer.toString("hex")];
          return { counts, failed: `${hex}: the codecs make ${wasm}, C makes ${c}` };
        }
        counts[name]!++;
      }
      if (complaint !== "") return { counts, failed: complaint };
    }
    return { counts };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
