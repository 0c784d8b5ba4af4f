// WAMR's sock_addr_resolve: an array that the guest has made, and how many there would be.

import { Errno, marshal, marshalBytes } from "../../../marshal.js";
import { resolverErrno } from "../../../syscalls/resolve.js";
import type { Result } from "../../../wait/index.js";
import { errnoOf, type Frame } from "../frame.js";
import { entriesOf, type Question } from "../lookup.js";

const { EFAULT } = Errno;
const { EAI, INT_SIZE, address, text, wamr_addr_info: info, wamr_hints } = marshal;

function failed(code: number): number {
  return code === EAI.SYSTEM ? errnoOf(-resolverErrno()) : marshal.wasiPlainLookUpError(code);
}

/** The function of one guest. */
export function resolveCalls({ memory }: Frame, lookUp: (question: Question) => Result) {
  const copyString =
    (pointer: number) =>
    (at: number, room: number): number =>
      pointer === 0 ? 0 : memory.readString(pointer, room, marshalBytes, at);

  /** Leaves the hints of the guest ABI in the `block` scratch area: 0, or -errno. */
  function readHints(hints: number): number {
    const copied = memory.read(hints, wamr_hints.sizeof, marshalBytes, address);
    return copied ? marshal.wamrHints(address) : -EFAULT;
  }

  return {
    sock_addr_resolve(
      host: number,
      service: number,
      hints: number,
      list: number,
      most: number,
      out: number,
    ): Result {
      const room = (most >>> 0) * info.sizeof;
      if (room > 0xffffffff || !memory.holds(list, room)) return errnoOf(-EFAULT);
      if (!memory.holds(out, INT_SIZE)) return errnoOf(-EFAULT);
      const error = hints === 0 ? 0 : readHints(hints);
      if (error < 0) return errnoOf(error);
      return lookUp({
        node: copyString(host),
        service: copyString(service),
        hints: () => hints !== 0 && readHints(hints) === 0,
        answer(first) {
          if (!memory.holds(list, room) || !memory.holds(out, INT_SIZE)) return errnoOf(-EFAULT);
          let count = 0;
          for (const entry of entriesOf(first)) {
            if (!marshal.wamrAnswer(entry, text)) continue;
            if (count < most >>> 0) {
              memory.write(list + count * info.sizeof, info.sizeof, marshalBytes, text);
            }
            count++;
          }
          memory.setInt32(out, count);
          return 0;
        },
        failed,
      });
    },
  };
}
