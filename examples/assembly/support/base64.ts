// Base64, RFC 4648.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes as text. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const second: u32 = left > 1 ? bytes[at + 1] : 0;
    const third: u32 = left > 2 ? bytes[at + 2] : 0;
    const group = ((<u32>bytes[at]) << 16) | (second << 8) | third;
    text += ALPHABET.charAt(group >>> 18) + ALPHABET.charAt((group >>> 12) & 63);
    text += left > 1 ? ALPHABET.charAt((group >>> 6) & 63) : "=";
    text += left > 2 ? ALPHABET.charAt(group & 63) : "=";
  }
  return text;
}

/** Text as bytes; null where it is none. */
export function fromBase64(text: string): Uint8Array | null {
  if ((text.length & 3) != 0) return null;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length >> 2) * 3 - padding);
  let group: u32 = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const padded = i >= text.length - padding;
    const digit = padded ? 0 : ALPHABET.indexOf(text.charAt(i));
    if (digit < 0) return null;
    group = (group << 6) | digit;
    if ((i & 3) != 3) continue;
    for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) {
      bytes[at++] = <u8>(group >>> shift);
    }
    group = 0;
  }
  return bytes;
}
