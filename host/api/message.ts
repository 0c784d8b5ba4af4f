// Messages as TypeScript objects: sendmsg(2), recvmsg(2) and their batches.

import { decodeAddress, type Address } from "../address.js";
import type { Caller } from "./caller.js";
import { decodeControls, encodeControls, type Control } from "./control.js";
import { messageFlags, type MessageFlag } from "./symbols.js";

/** A message to send. */
export interface OutgoingMessage {
  /** Its bytes, which lie in several places. */
  readonly data: readonly Uint8Array[];
  /** Where to, absent on a socket that is connected. */
  readonly address?: Address | null;
  readonly control?: readonly Control[];
}

/** Room for a message to receive. */
export interface IncomingMessage {
  /** Where its bytes go, one after the other. */
  readonly data: readonly Uint8Array[];
  /** How many bytes of control data to take, 0 where it is absent. */
  readonly control?: number;
}

/** A message that was received. */
export interface ReceivedMessage {
  readonly count: number;
  /** Who sent it, null on a stream. */
  readonly address: Address | null;
  readonly control: Control[];
  /** "trunc", "ctrunc", "eor", "oob", "errqueue". */
  readonly flags: MessageFlag[];
}

/** Where some of a message's bytes stand in the memory of an instance, and whether they are the caller's own. */
interface Slot {
  at: number;
  readonly length: number;
  readonly own: boolean;
}

/** Lays messages out in the memory of one instance. */
class Batch {
  readonly #caller: Caller;
  /** Bytes of control data that each message of the batch has room for. */
  readonly #share: number;
  /** The end of the vectors that are laid out, by number. */
  #vectors = 0;
  #view: DataView;

  /**
   * @param count how many messages
   * @throws RangeError where they are too many
   */
  constructor(
    caller: Caller,
    readonly count: number,
  ) {
    const { BATCH_MAX, CONTROL_SIZE, INT_SIZE } = caller.wasm;
    if (count > BATCH_MAX) throw new RangeError(`${count} messages are too many: ${BATCH_MAX} fit`);
    this.#caller = caller;
    this.#share = Math.floor(CONTROL_SIZE / Math.max(count, 1) / INT_SIZE) * INT_SIZE;
    this.#view = new DataView(caller.pool.bytes.buffer);
  }

  /** Where the header of a message stands: an array of struct mmsghdr. */
  header(index: number): number {
    return this.#caller.wasm.headers + index * this.#caller.wasm.mmsghdr.sizeof;
  }

  #control(index: number): number {
    return this.#caller.wasm.control + index * this.#share;
  }

  #set(index: number, offset: number, value: number): void {
    this.#view.setUint32(this.header(index) + offset, value, true);
  }

  #get(index: number, offset: number): number {
    return this.#view.getUint32(this.header(index) + offset, true);
  }

  /** Writes the vectors of a message. */
  #layOut(index: number, slots: readonly Slot[]): void {
    const { IOV_MAX, iovec, iovecs, msghdr } = this.#caller.wasm;
    if (this.#vectors + slots.length > IOV_MAX) {
      throw new RangeError(`${this.#vectors + slots.length} vectors are too many: ${IOV_MAX} fit`);
    }
    const start = iovecs + this.#vectors * iovec.sizeof;
    slots.forEach(({ at, length }, i) => {
      this.#view.setUint32(start + i * iovec.sizeof + iovec.iov_base, at, true);
      this.#view.setUint32(start + i * iovec.sizeof + iovec.iov_len, length, true);
    });
    this.#set(index, msghdr.msg_iov, start);
    this.#set(index, msghdr.msg_iovlen, slots.length);
    this.#vectors += slots.length;
  }

  /**
   * Finds where the bytes of all messages stand: in their own place, or one after the other in the staging
   * area. That may make memory grow, and detach the views of it: what they say is noted before.
   */
  #slots(messages: readonly { readonly data: readonly Uint8Array[] }[]): Slot[][] {
    const { pool } = this.#caller;
    let staged = 0;
    const slots = messages.map(({ data }) =>
      data.map((bytes) => {
        const { length } = bytes;
        const own = pool.holds(bytes);
        if (!own) staged += length;
        return { at: own ? bytes.byteOffset : staged - length, length, own };
      }),
    );
    const stage = pool.reserve(staged);
    this.#view = new DataView(pool.bytes.buffer);
    for (const slot of slots.flat()) if (!slot.own) slot.at += stage;
    return slots;
  }

  /**
   * Lays out messages to send.
   *
   * @param pins whether the kernel may read their bytes after the call
   */
  send(messages: readonly OutgoingMessage[], pins: boolean): void {
    const { wasm, pool } = this.#caller;
    if (pins) messages.forEach(({ data }) => data.map((bytes) => pool.pin(bytes)));
    const { msghdr } = wasm;
    const slots = this.#slots(messages);
    messages.forEach(({ data, address, control = [] }, index) => {
      pool.bytes.fill(0, this.header(index), this.header(index + 1));
      this.#fill(data, slots[index]!);
      this.#layOut(index, slots[index]!);
      if (address != null) {
        const length = this.#caller.encodeAddress(address);
        pool.bytes.copyWithin(wasm.messageName(index), wasm.address, wasm.address + length);
        this.#set(index, msghdr.msg_name, wasm.messageName(index));
        this.#set(index, msghdr.msg_namelen, length);
      }
      const at = this.#control(index);
      this.#set(index, msghdr.msg_control, at);
      this.#set(
        index,
        msghdr.msg_controllen,
        encodeControls(wasm, pool.bytes, control, at, this.#share),
      );
    });
  }

  /** Copies bytes that lie elsewhere into their slots. */
  #fill(data: readonly Uint8Array[], slots: readonly Slot[]): void {
    slots.forEach(({ at, own }, i) => {
      if (!own) this.#caller.pool.bytes.set(data[i]!, at);
    });
  }

  /**
   * Lays out room for messages to receive.
   *
   * @param flags with MSG_TRUNC a stream counts and writes nothing: what is there must be the caller's
   */
  receive(messages: readonly IncomingMessage[], flags: number): Slot[][] {
    const { wasm, pool } = this.#caller;
    const { msghdr } = wasm;
    const slots = this.#slots(messages);
    messages.forEach(({ data, control = 0 }, index) => {
      data.forEach((bytes) => pool.holds(bytes)); // refuses a view that was just detached
      if ((flags & wasm.MSG.TRUNC) !== 0) this.#fill(data, slots[index]!);
      if (!Number.isInteger(control) || control < 0 || control > this.#share) {
        throw new RangeError(`control ${control} is not an integer from 0 to ${this.#share}`);
      }
      pool.bytes.fill(0, this.header(index), this.header(index + 1));
      this.#layOut(index, slots[index]!);
      this.#set(index, msghdr.msg_name, wasm.messageName(index));
      this.#set(index, msghdr.msg_namelen, wasm.SOCKADDR_MAX);
      this.#set(index, msghdr.msg_control, this.#control(index));
      this.#set(index, msghdr.msg_controllen, control);
    });
    return slots;
  }

  /** Bytes that were moved for a message of a batch. */
  length(index: number): number {
    return this.#get(index, this.#caller.wasm.mmsghdr.msg_len);
  }

  /** What was received, after its bytes were copied to where they belong. */
  received(
    index: number,
    count: number,
    data: readonly Uint8Array[],
    slots: readonly Slot[],
  ): ReceivedMessage {
    const { wasm, pool } = this.#caller;
    const { msghdr } = wasm;
    let left = count;
    data.forEach((bytes, i) => {
      const part = Math.min(left, bytes.length);
      pool.unstage(bytes, slots[i]!.at, part);
      left -= part;
    });
    const name = this.#get(index, msghdr.msg_namelen);
    const control = this.#get(index, msghdr.msg_controllen);
    return {
      count,
      address: decodeAddress(wasm, pool.bytes, wasm.messageName(index), name),
      control: decodeControls(wasm, pool.bytes, this.#control(index), control),
      flags: messageFlags.decodeFlags(this.#get(index, msghdr.msg_flags)) as MessageFlag[],
    };
  }
}

/** How many bytes a message has, or room for. */
export function bytesOf({ data }: { readonly data: readonly Uint8Array[] }): number {
  return data.reduce((sum, { length }) => sum + length, 0);
}

/** A message without the bytes that are done already; its control data went with the first of them. */
export function messageRest<Message extends { readonly data: readonly Uint8Array[] }>(
  message: Message,
  done: number,
): Message {
  if (done === 0) return message;
  const { control, ...rest } = message as Message & { control?: unknown };
  let skip = done;
  const data = message.data.map((bytes) => {
    const part = Math.min(skip, bytes.length);
    skip -= part;
    return bytes.subarray(part);
  });
  const keeps = typeof control === "number" ? { control } : {}; // the room for what is received stays
  return { ...(rest as Message), ...keeps, data };
}

/** sendmsg(2): how many bytes were taken, or -1. */
export function sendMessage(
  caller: Caller,
  fd: number,
  message: OutgoingMessage,
  bits: number,
  pins: boolean,
): number {
  const batch = new Batch(caller, 1);
  batch.send([message], pins);
  return caller.wasm.sendmsg(fd, batch.header(0), bits);
}

/** recvmsg(2): what came, or null. */
export function receiveMessage(
  caller: Caller,
  fd: number,
  message: IncomingMessage,
  bits: number,
): ReceivedMessage | null {
  const batch = new Batch(caller, 1);
  const [slots] = batch.receive([message], bits);
  const count = caller.wasm.recvmsg(fd, batch.header(0), bits);
  return count < 0 ? null : batch.received(0, count, message.data, slots!);
}

/** sendmmsg(2): how many messages were sent, or -1. */
export function sendMessages(
  caller: Caller,
  fd: number,
  messages: readonly OutgoingMessage[],
  bits: number,
  pins: boolean,
): number {
  const batch = new Batch(caller, messages.length);
  batch.send(messages, pins);
  return caller.wasm.sendmmsg(fd, batch.header(0), messages.length, bits);
}

/** recvmmsg(2): what came, or null. */
export function receiveMessages(
  caller: Caller,
  fd: number,
  messages: readonly IncomingMessage[],
  bits: number,
  timeout: number,
): ReceivedMessage[] | null {
  const batch = new Batch(caller, messages.length);
  const slots = batch.receive(messages, bits);
  const { wasm } = caller;
  const count = wasm.recvmmsg(fd, batch.header(0), messages.length, bits, timeout);
  if (count < 0) return null;
  return messages
    .slice(0, count)
    .map(({ data }, index) => batch.received(index, batch.length(index), data, slots[index]!));
}
