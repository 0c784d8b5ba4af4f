// Windows. A socket is a handle that only Winsock takes, and none of its calls has MSG_DONTWAIT.

import type { Platform } from "./platform.js";

export const windows: Platform = {
  name: "Windows",
  architectures: ["x64", "arm64"],
  epoll: false,
  packsEpollEvents: false,
  getaddrinfo_a: false,
  slices: false,
};
