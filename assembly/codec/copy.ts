// Copying of few bytes: an address, a name.

/**
 * Copies bytes by words. For so few memory.copy, which is a call into the engine, takes three times as long.
 *
 * @param out where they go, which is not where they come from
 */
export function copyFew(out: usize, from: usize, size: i32): void {
  let left = size;
  for (; left >= 2 * <i32>sizeof<u64>(); left -= 2 * sizeof<u64>()) {
    store<u64>(out, load<u64>(from));
    store<u64>(out, load<u64>(from, sizeof<u64>()), sizeof<u64>());
    out += 2 * sizeof<u64>();
    from += 2 * sizeof<u64>();
  }
  if ((left & sizeof<u64>()) != 0) {
    store<u64>(out, load<u64>(from));
    out += sizeof<u64>();
    from += sizeof<u64>();
  }
  if ((left & sizeof<u32>()) != 0) {
    store<u32>(out, load<u32>(from));
    out += sizeof<u32>();
    from += sizeof<u32>();
  }
  for (left &= sizeof<u32>() - 1; left > 0; left--) store<u8>(out++, load<u8>(from++));
}
