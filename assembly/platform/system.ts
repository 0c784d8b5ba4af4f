/** The operating systems whose numbers and layouts are known. The guest's are Linux's. */
export const enum System {
  LINUX = 0,
  DARWIN = 1,
  FREEBSD = 2,
  WINDOWS = 3,
}

/** Whether structs sockaddr start with their length, as BSD's do. */
@inline
export function hasLengths(system: i32): bool {
  return system == System.DARWIN || system == System.FREEBSD;
}
