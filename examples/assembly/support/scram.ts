// SCRAM-SHA-256 as a client, RFC 5802 and RFC 7677, without channel binding: neither side tells the other its password,
// and both prove that they know it.

import { fromBase64, toBase64 } from "./base64";
import { exclusive, hmac, salted, sha256 } from "./sha256";

/** What GS2 writes for "no channel binding", and the same in base64. */
const HEADER = "n,,";
const HEADER_BASE64 = "biws";

/** The most rounds that a server may ask for. */
const ITERATIONS_MAX: i32 = 1_000_000;

function bytesOf(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

/** The value behind "x=" in a message of a server's; null where there is none. */
function attribute(message: string, name: string): string | null {
  const parts = message.split(",");
  for (let i = 0; i < parts.length; i++) {
    if (parts[i].startsWith(name + "=")) return parts[i].slice(2);
  }
  return null;
}

export class Scram {
  private readonly nonce: string;
  private signature: string = "";
  /** Whether the server has proved that it knows the password. */
  proven: bool = false;

  /** @param password in ASCII, for no other is prepared as RFC 4013 wants it */
  constructor(readonly password: string) {
    const random = new Uint8Array(18);
    for (let i = 0; i < random.length; i++) random[i] = <u8>(Math.random() * 256);
    this.nonce = toBase64(random);
  }

  /** The first message, whose user PostgreSQL takes from the start of the connection. */
  private get bare(): string {
    return "n=,r=" + this.nonce;
  }

  first(): string {
    return HEADER + this.bare;
  }

  /** The answer to a server's first message; null where that is none. */
  final(message: string): string | null {
    const nonce = attribute(message, "r");
    const salt = attribute(message, "s");
    const rounds = attribute(message, "i");
    if (nonce == null || salt == null || rounds == null) return null;
    const bytes = fromBase64(salt);
    const iterations = <i32>parseInt(rounds);
    if (bytes == null || !nonce.startsWith(this.nonce) || nonce.length == this.nonce.length) {
      return null;
    }
    if (iterations < 1 || iterations > ITERATIONS_MAX) return null;

    const key = salted(bytesOf(this.password), bytes, iterations);
    const clientKey = hmac(key, bytesOf("Client Key"));
    const bareFinal = `c=${HEADER_BASE64},r=${nonce}`;
    const said = bytesOf(`${this.bare},${message},${bareFinal}`);
    const proof = exclusive(clientKey, hmac(sha256(clientKey), said));
    this.signature = toBase64(hmac(hmac(key, bytesOf("Server Key")), said));
    return `${bareFinal},p=${toBase64(proof)}`;
  }

  /** Whether a server's last message proves that it knows the password as well. */
  verify(message: string): bool {
    const signature = attribute(message, "v");
    this.proven = signature != null && this.signature != "" && signature == this.signature;
    return this.proven;
  }
}
