// WasmEdge's sock_getaddrinfo. The guest makes the list of the answer, and its entries have room for what is found:
// what does not fit there is left out, or cut where it is a name.

import { Errno, marshal, marshalBytes } from "../../../marshal.js";
import { resolverErrno } from "../../../syscalls/resolve.js";
import type { Result } from "../../../wait/index.js";
import { errnoOf, type Frame } from "../frame.js";
import { entriesOf, type Question } from "../lookup.js";

const { EFAULT } = Errno;
const { EAI, INT_SIZE, text, wasmedge_addrinfo: info, wasmedge_sockaddr: sockaddr } = marshal;

/** How many entries of a guest's list are looked at. */
const ENTRIES_MAX = 1024;

function failed(code: number): number {
  // What is behind it says more: what a policy refuses is ACCES.
  return code === EAI.SYSTEM ? errnoOf(-resolverErrno()) : marshal.wasiLookUpError(code);
}

/** The function of one guest. */
export function resolveCalls({ memory }: Frame, lookUp: (question: Question) => Result) {
  /** A string of a guest with its length, perhaps with a NUL at its end: its length, or -1. */
  function copyText(pointer: number, length: number) {
    return (at: number, room: number): number => {
      const size = length >>> 0;
      if (size > room || !memory.read(pointer, size, marshalBytes, at)) return -1;
      const end = marshalBytes.indexOf(0, at);
      return end >= at && end < at + size ? end - at : size;
    };
  }

  /** The entries of a guest's list that have room for an address and a name; undefined where a pointer is bad. */
  function roomsOf(list: number, most: number): number[] | undefined {
    const rooms: number[] = [];
    if (!memory.holds(list, INT_SIZE)) return undefined;
    for (let at = memory.int32(list); at !== 0 && rooms.length < most;) {
      if (!memory.holds(at, info.sizeof)) return undefined;
      const address = memory.int32(at + info.ai_addr);
      if (!memory.holds(address, sockaddr.sizeof)) return undefined;
      const [data, size] = [address + sockaddr.sa_data, address + sockaddr.sa_data_len];
      if (!memory.holds(memory.int32(data), memory.int32(size))) return undefined;
      const name = memory.int32(at + info.ai_canonname);
      if (name !== 0 && !memory.holds(name, memory.int32(at + info.ai_canonname_len)))
        return undefined;
      rooms.push(at);
      at = memory.int32(at + info.ai_next);
    }
    return rooms;
  }

  /** Writes an entry of the answer into one of the guest's list: whether it has room for it. */
  function give(entry: number, at: number): boolean {
    const address = memory.int32(at + info.ai_addr);
    const size = marshal.wasmedgeAnswerSize(entry);
    if (memory.int32(address + sockaddr.sa_data_len) >>> 0 < size) return false;
    memory.write(
      memory.int32(address + sockaddr.sa_data),
      size,
      marshalBytes,
      marshal.wasmedgeAnswerData(entry),
    );
    const room = memory.int32(at + info.ai_canonname_len) >>> 0;
    const nameAt = memory.int32(at + info.ai_canonname);
    const name = marshal.wasmedgeAnswerName(entry);
    const length = name === 0 || nameAt === 0 ? 0 : marshalBytes.indexOf(0, name) + 1 - name;
    const taken = Math.min(length, room);
    memory.write(nameAt, taken, marshalBytes, name);
    // The structs last: they are copied, and a guest may have laid what is above over them.
    if (!memory.read(at, info.sizeof, marshalBytes, text)) return false;
    if (!memory.read(address, sockaddr.sizeof, marshalBytes, text + info.sizeof)) return false;
    marshal.wasmedgeAnswer(entry, text, taken);
    memory.write(at, info.sizeof, marshalBytes, text);
    memory.write(address, sockaddr.sizeof, marshalBytes, text + info.sizeof);
    return true;
  }

  return {
    sock_getaddrinfo(
      node: number,
      nodeLength: number,
      service: number,
      serviceLength: number,
      hints: number,
      list: number,
      most: number,
      out: number,
    ): Result {
      const limit = Math.min(most >>> 0, ENTRIES_MAX);
      if (!memory.holds(out, INT_SIZE)) return errnoOf(-EFAULT);
      if (hints !== 0 && !memory.read(hints, info.sizeof, marshalBytes, text)) {
        return errnoOf(-EFAULT);
      }
      if (limit === 0) return failed(EAI.MEMORY);
      if (roomsOf(list, limit) === undefined) return errnoOf(-EFAULT);
      const refused = hints === 0 ? 0 : marshal.wasmedgeHints(text);
      if (refused < 0) return failed(refused);
      return lookUp({
        node: copyText(node, nodeLength),
        service: copyText(service, serviceLength),
        hints() {
          if (hints === 0 || !memory.read(hints, info.sizeof, marshalBytes, marshal.address)) {
            return false;
          }
          return marshal.wasmedgeHints(marshal.address) === 0;
        },
        answer(first) {
          const rooms = roomsOf(list, limit);
          if (rooms === undefined || !memory.holds(out, INT_SIZE)) return errnoOf(-EFAULT);
          let count = 0;
          for (const entry of entriesOf(first)) {
            if (count === rooms.length) break;
            if (give(entry, rooms[count]!)) count++;
          }
          memory.setInt32(out, count);
          return 0;
        },
        failed,
      });
    },
  };
}
