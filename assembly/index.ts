// The guest library: `import { socket, connect, … } from "wasi-sockets/assembly"`.

export * from "./abi/constants";
export { Errno } from "./abi/errno";
export { Inet, Inet6, SocketAddress, Unix } from "./address";
export { NO_SYMBOL, SymbolSet, decodeSymbol, encodeSymbol } from "./codec/flags";
export { checksum, htonl, htons, inet_ntop, inet_pton, ntohl, ntohs } from "./inet";
export { Netlink, Packet, Vsock } from "./link";
export { ControlData, ErrorReport, Messages } from "./message";
export * from "./multicast";
export * from "./option";
export { Epoll, PollList } from "./poll";
export { Port, fdToPort } from "./port";
export * from "./resolve";
export * from "./socket";
