// What no guest may change in its host, and how it is found out that one did.

import { readdirSync, readlinkSync } from "node:fs";
import { marshal, marshalBytes } from "#host/marshal";

const PATTERN = 0xc5;
const MEMORIES = 4;
const BUFFERS = 64;
const BUFFER_SIZE = 4096;
/** How long libc's resolver may go on with what nobody waits for, and how often that is looked at, in ms. */
const PATIENCE = 20_000;
const LOOK_AGAIN = 20;

/** The areas of the trusted instance that calls write to: the rest never changes. */
function scratchAreas(): (readonly [start: number, size: number])[] {
  const { BATCH_MAX, BLOCK_SIZE, CONTROL_MAX, CONTROL_SIZE, INT_SIZE, IOV_MAX, RIGHTS_MAX } =
    marshal;
  marshal.batchBegin(0, 0, 0);
  const names = marshal.messageName(0);
  const controls = marshal.messageControl();
  return [
    [marshal.address, marshal.SOCKADDR_MAX],
    [marshal.length, INT_SIZE],
    [marshal.text, marshal.TEXT_SIZE],
    [marshal.block, BLOCK_SIZE],
    [marshal.entry, marshal.native_addrinfo.sizeof],
    [marshal.pollfds, 2 * marshal.pollfd.sizeof],
    [marshal.value, 2 * INT_SIZE],
    [marshal.events, BLOCK_SIZE],
    [marshal.messages, BATCH_MAX * marshal.mmsghdr.sizeof],
    [marshal.iovecs, IOV_MAX * marshal.iovec.sizeof],
    [marshal.headers, BATCH_MAX * marshal.native_mmsghdr.sizeof],
    // The native vectors lie between the names and the control data.
    [names, controls + CONTROL_MAX - names],
    [marshal.control, CONTROL_SIZE],
    // The vector of a detour and how many bytes a batch has lie behind its header.
    [marshal.detour, marshal.native_mmsghdr.sizeof + marshal.native_iovec.sizeof + 2 * INT_SIZE],
    [marshal.rights, RIGHTS_MAX * INT_SIZE],
    [marshal.surplus, RIGHTS_MAX * INT_SIZE],
  ];
}

/** The real descriptors of this process, and what is behind each. */
function descriptors(): Map<number, string> {
  const open = new Map<number, string>();
  for (const name of readdirSync("/proc/self/fd")) {
    try {
      open.set(Number(name), readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      // the descriptor by which the directory was read
    }
  }
  return open;
}

/** Memories, buffers, codecs and descriptors that must stay as they are. */
export class Canaries {
  readonly #memories = Array.from({ length: MEMORIES }, () =>
    Buffer.from(new WebAssembly.Memory({ initial: 1 }).buffer).fill(PATTERN),
  );
  readonly #buffers = Array.from({ length: BUFFERS }, () => Buffer.alloc(BUFFER_SIZE, PATTERN));
  readonly #scratch = scratchAreas();
  readonly #codecs = this.#rest();
  readonly #descriptors = descriptors();
  readonly #nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  /** The bytes of the trusted instance outside its scratch areas. */
  #rest(): Buffer {
    const bytes = Buffer.from(marshalBytes);
    for (const [start, size] of this.#scratch) bytes.fill(0, start, start + size);
    return bytes;
  }

  /** A descriptor of the host that a guest has got hold of; undefined where there is none. */
  taken(): string | undefined {
    const ours = new Map([...this.#descriptors].map(([fd, target]) => [target, fd]));
    for (const [fd, target] of descriptors()) {
      // Only sockets and pipes have names of their own.
      const taken =
        /^(socket|pipe):/.test(target) && !this.#descriptors.has(fd) && ours.get(target);
      if (typeof taken === "number") return `descriptor ${fd} is the host's ${taken}, ${target}`;
    }
    return undefined;
  }

  /** What has changed; undefined where nothing has. No guest is alive. */
  changed(): string | undefined {
    for (const bytes of [...this.#memories, ...this.#buffers]) {
      if (bytes.some((byte) => byte !== PATTERN))
        return "memory of the host that no guest was given";
    }
    if (!this.#rest().equals(this.#codecs))
      return "the codecs' own memory, outside its scratch areas";
    const now = descriptors();
    for (const [fd, target] of this.#descriptors) {
      if (now.get(fd) !== target)
        return `descriptor ${fd} of the host, ${target}, is ${now.get(fd) ?? "closed"}`;
    }
    return this.#left();
  }

  /** A descriptor that is left open. Those that libc's resolver has in hand it closes by itself. */
  #left(): string | undefined {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const left = [...descriptors()].find(([fd]) => !this.#descriptors.has(fd));
      if (left === undefined) return undefined;
      if (performance.now() > deadline) return `descriptor ${left[0]}, ${left[1]}, is left open`;
      Atomics.wait(this.#nobody, 0, 0, LOOK_AGAIN);
    }
  }
}
