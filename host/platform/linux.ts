// Linux, x64 and arm64, glibc or musl. The guest ABI uses Linux's own numbers and layouts, so nothing is translated: what stands here is
// all that the host must know about the machine.

import type { Platform } from "./platform.js";

export const linux: Platform = {
  name: "Linux",
  architectures: ["x64", "arm64"],
  epoll: true,
  packsEpollEvents: process.arch === "x64", // sys/epoll.h
  getaddrinfo_a: true,
  slices: true,
};
