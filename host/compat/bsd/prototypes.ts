// The functions of macOS and FreeBSD that the host calls, by their prototypes. What only one of them has is not used.

import { libraryFunctions, systemCalls, transferCalls } from "../../native/posix.js";

export const prototypes = {
  ...systemCalls,
  ...transferCalls,
  ...libraryFunctions,
  accept: "int accept(int fd, uintptr_t address, uintptr_t length)",
  dup2: "int dup2(int from, int to)",
  lseek: "int64_t lseek(int fd, int64_t offset, int whence)",
  poll: "int poll(uintptr_t fds, uint32_t count, int timeout)",
} as const;

/** Those with an ellipsis, whose arguments travel on the stack on Apple's arm64: koffi must know them for what they are. */
export const variadic = {
  fcntl: "int fcntl(int fd, int command, ...)",
  ioctl: "int ioctl(int fd, unsigned long request, ...)",
  open: "int open(uintptr_t path, int flags, ...)",
} as const;
