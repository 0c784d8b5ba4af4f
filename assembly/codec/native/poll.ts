// Lists of poll(2) as another system has them, and back: struct pollfd of BSD, WSAPOLLFD of Windows.

import { POLL } from "../../abi/constants";
import { Pollfd, pollfd } from "../../abi/poll";
import { System } from "../../platform/system";
import * as windows from "../../platform/windows";
import { NumberSet, flagsFromSystem, knownFlagsToSystem } from "../numbers";

/** Bytes of an entry of a system's. */
function entrySize(system: i32): i32 {
  return system == System.WINDOWS ? windows.pollfd.sizeof : pollfd.sizeof;
}

/**
 * A list of poll(2) as another system has it. Events that the system does not have are never found, as poll(2) says of
 * those that nobody knows.
 *
 * @param system a System
 * @param list the guest's struct pollfds
 * @param count how many
 * @param out where the others go: as many bytes, on Windows twice as many
 * @returns their bytes
 */
export function pollToSystem(system: i32, list: usize, count: i32, out: usize): i32 {
  for (let i = 0; i < count; i++) {
    const from = changetype<Pollfd>(list + i * pollfd.sizeof);
    const events = knownFlagsToSystem(system, NumberSet.POLL, from.events);
    if (system == System.WINDOWS) {
      const to = out + i * windows.pollfd.sizeof;
      store<i64>(to, from.fd, windows.pollfd.fd); // a negative one is passed over there as well
      store<i16>(to, <i16>events, windows.pollfd.events);
      store<i16>(to, 0, windows.pollfd.revents);
      store<u32>(to, 0, windows.pollfd.revents + sizeof<i16>());
    } else {
      const to = changetype<Pollfd>(out + i * pollfd.sizeof); // laid out alike
      to.fd = from.fd;
      to.events = <i16>events;
      to.revents = 0;
    }
  }
  return count * entrySize(system);
}

/**
 * What poll(2) of another system found, into the list that it was asked with.
 *
 * @param system a System
 * @param native the system's list
 * @param count how many
 * @param list the guest's, of which revents are written: what it asked for, POLLERR, POLLHUP and POLLNVAL
 */
export function pollFromSystem(system: i32, native: usize, count: i32, list: usize): void {
  const size = entrySize(system);
  for (let i = 0; i < count; i++) {
    const to = changetype<Pollfd>(list + i * pollfd.sizeof);
    const found =
      system == System.WINDOWS
        ? load<i16>(native + i * size, windows.pollfd.revents)
        : load<i16>(native + i * size, pollfd.revents);
    const events = flagsFromSystem(system, NumberSet.POLL, found);
    to.revents = <i16>(events & (to.events | POLL.ERR | POLL.HUP | POLL.NVAL));
  }
}
