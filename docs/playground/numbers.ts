// Bytes as numbers and back; every system here is little-endian, but what travels is not.

/** An unsigned number, its lowest byte first. */
export function little(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

/** A two's complement number, its lowest byte first. */
export function signed(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, little(bytes));
}

/** An unsigned number in network byte order. */
export function big(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The bytes of an int, its lowest first. */
export function intBytes(value: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (value >> (8 * i)) & 0xff);
}

/** Hexadecimal digits, two a byte. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of hexadecimal digits; null where they are none. */
export function unhex(text: string): Uint8Array | null {
  if (!/^([0-9a-f]{2})*$/i.test(text)) return null;
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16));
}
