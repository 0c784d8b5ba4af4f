// DNS messages, RFC 1035: one that asks, and the answers of one that was received.

import { AF, inet_ntop } from "wasi-sockets/assembly";

/** Types of records. */
export const enum Type {
  A = 1,
  NS = 2,
  CNAME = 5,
  PTR = 12,
  TXT = 16,
  AAAA = 28,
}

const HEADER_SIZE: i32 = 12;
const CLASS_IN: u16 = 1;
/** The two bits that make a label's length a pointer to the rest of the name. */
const POINTER: i32 = 0xc0;

const RESPONSE: u16 = 0x8000;
const TRUNCATED: u16 = 0x0200;
/** The flag by which a client asks a server to ask others. */
export const RECURSION_DESIRED: u16 = 0x0100;
const CODE: u16 = 0x000f;

/**
 * A message with one question.
 *
 * @param flags RECURSION_DESIRED, or 0
 */
export function question(id: u16, flags: u16, name: string, type: i32): Uint8Array {
  const labels = name.endsWith(".") ? name.slice(0, -1).split(".") : name.split(".");
  const bytes = new Uint8Array(HEADER_SIZE + String.UTF8.byteLength(labels.join(".")) + 6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, flags);
  view.setUint16(4, 1);
  let at = HEADER_SIZE;
  for (let i = 0; i < labels.length; i++) {
    const label = Uint8Array.wrap(String.UTF8.encode(labels[i]));
    bytes[at++] = <u8>label.length;
    bytes.set(label, at);
    at += label.length;
  }
  view.setUint16(at + 1, <u16>type);
  view.setUint16(at + 3, CLASS_IN);
  return bytes;
}

/** A record of an answer. */
export class Answer {
  constructor(
    readonly name: string,
    readonly type: i32,
    /** Its data as zone files have it: an address, a name, quoted strings. */
    readonly text: string,
  ) {}
}

/** A message that was received. What reaches beyond its end reads as 0 and makes it malformed. */
export class DnsMessage {
  readonly answers: Answer[] = [];
  malformed: bool = false;
  readonly id: u16;
  private readonly flags: u16;
  private at: i32 = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.id = this.u16();
    this.flags = this.u16();
    const questions = this.u16();
    const answers = this.u16();
    this.at = HEADER_SIZE;
    for (let i: u16 = 0; i < questions && !this.malformed; i++) {
      this.name();
      this.at += 4;
    }
    for (let i: u16 = 0; i < answers && !this.malformed; i++) this.answers.push(this.answer());
  }

  /** Whether it is a response, not a query. */
  get response(): bool {
    return (this.flags & RESPONSE) != 0;
  }

  /** Whether the answers did not fit, and TCP would bring them all. */
  get truncated(): bool {
    return (this.flags & TRUNCATED) != 0;
  }

  /** The response code: 0 for success, 3 where the name does not exist. */
  get code(): i32 {
    return this.flags & CODE;
  }

  private u8(): u8 {
    if (this.at < this.bytes.length) return this.bytes[this.at++];
    this.malformed = true;
    return 0;
  }

  private u16(): u16 {
    const high = <u16>this.u8();
    return (high << 8) | this.u8();
  }

  private text(length: i32): string {
    const start = this.at;
    this.at += length;
    if (this.at > this.bytes.length) this.malformed = true;
    return this.malformed ? "" : String.UTF8.decode(this.bytes.slice(start, this.at).buffer);
  }

  private name(): string {
    const labels: string[] = [];
    let end = -1; // after the first pointer
    let limit = this.at;
    for (let length = <i32>this.u8(); length != 0; length = this.u8()) {
      if (length < POINTER) {
        labels.push(this.text(length));
        continue;
      }
      const target = ((length - POINTER) << 8) | this.u8();
      if (end < 0) end = this.at;
      // Pointers lead only backwards, so none goes round in a circle.
      if (target >= limit) this.malformed = true;
      if (this.malformed) return "";
      limit = target;
      this.at = target;
    }
    if (end >= 0) this.at = end;
    return labels.join(".") + ".";
  }

  private answer(): Answer {
    const name = this.name();
    const type = <i32>this.u16();
    this.at += 6; // class and time to live
    const length = <i32>this.u16();
    const end = this.at + length;
    if (end > this.bytes.length) this.malformed = true;
    const text = this.malformed ? "" : this.data(type, end);
    this.at = end;
    return new Answer(name, type, text);
  }

  private data(type: i32, end: i32): string {
    switch (type) {
      case Type.A:
      case Type.AAAA: {
        const family = type == Type.A ? AF.INET : AF.INET6;
        const address = inet_ntop(family, this.bytes.subarray(this.at, end));
        return address == null ? "" : address;
      }
      case Type.NS:
      case Type.CNAME:
      case Type.PTR:
        return this.name();
      case Type.TXT: {
        const strings: string[] = [];
        while (this.at < end) strings.push(`"${this.text(this.u8())}"`);
        return strings.join(" ");
      }
      default:
        return `\\# ${end - this.at}`;
    }
  }
}
