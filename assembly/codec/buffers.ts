// The scratch areas of linear memory that a host and these codecs pass bytes through.

import { timeval } from "../abi/option";
import { SOCKADDR_MAX } from "../abi/sockaddr";

/** Bytes of an int and of a socklen_t. */
export const INT_SIZE: i32 = sizeof<i32>();

/** Bytes of the name of a network interface with its NUL, net/if.h. */
export const IF_NAMESIZE: i32 = 16;

/** Bytes of `text`: longer than any host name (NI_MAXHOST is 1025) and service name together. */
export const TEXT_SIZE: u32 = 4096;

/** Bytes of `block`: a getaddrinfo answer of some thousand addresses, any option's value. */
export const BLOCK_SIZE: u32 = 65536;

/** One socket address, SOCKADDR_MAX bytes. */
export const address: usize = memory.data(SOCKADDR_MAX, 16);

/** The value-result length of `address` or of an option, a socklen_t. */
export const length: usize = memory.data(sizeof<u32>(), 4);

/** A struct timeval of the host's own, which may be written while the others are in use. */
export const interval: usize = memory.data(timeval.sizeof, 8);

/** UTF-8 text on its way in or out, TEXT_SIZE bytes. */
export const text: usize = memory.data(TEXT_SIZE, 16);

/** Everything larger, BLOCK_SIZE bytes. */
export const block: usize = memory.data(BLOCK_SIZE, 16);
