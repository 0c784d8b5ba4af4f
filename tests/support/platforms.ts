// This machine as it is, as if its kernel had no epoll, and as if its libc had no getaddrinfo_a(3): what a test runs on
// both.

import { resolver } from "#host/libc";
import { currentPlatform, type Platform } from "#host/platform/index";

/** An epoll to test: its name, and the platform that has it. */
export interface Epoll {
  readonly epoll: string;
  readonly platform: Platform;
}

const here = currentPlatform();

export const kernel: Epoll = { epoll: "the kernel's epoll", platform: here };
export const made: Epoll = { epoll: "epoll made of poll(2)", platform: { ...here, epoll: false } };
/** Both, where the kernel has one. */
export const epolls: readonly Epoll[] = here.epoll ? [kernel, made] : [made];

/** Who asks for names: what it is called, and the platform that has it. */
export interface Resolver {
  readonly asks: string;
  readonly platform: Platform;
}

/** Why nothing of getaddrinfo_a(3) is tested here; empty where it is. */
export const noLibcThreads = resolver === null ? "libc has no getaddrinfo_a" : "";
const libcThreads: Resolver = { asks: "libc's threads", platform: here };
export const nodeThreads: Resolver = {
  asks: "Node's threads",
  platform: { ...here, getaddrinfo_a: false },
};
export const resolvers: readonly Resolver[] =
  resolver === null ? [nodeThreads] : [libcThreads, nodeThreads];
