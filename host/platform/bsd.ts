// macOS and FreeBSD. Their kqueue(2) serves Node's event loop, not a guest's epoll sets.

import type { Platform } from "./platform.js";

const bsd = {
  architectures: ["x64", "arm64"],
  epoll: false,
  packsEpollEvents: false,
  getaddrinfo_a: false,
  slices: false,
} as const;

export const darwin: Platform = { name: "macOS", ...bsd };
export const freebsd: Platform = { name: "FreeBSD", ...bsd };
