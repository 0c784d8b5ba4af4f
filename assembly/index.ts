// The guest library: `import { socket, connect, … } from "wasi-sockets/assembly"`.

export * from "./abi/constants";
export { Errno } from "./abi/errno";
export { Inet, Inet6, SocketAddress, Unix } from "./address";
export { NO_SYMBOL, SymbolSet, decodeSymbol, encodeSymbol } from "./codec/flags";
export { Port, fdToPort } from "./port";
export { AddressInfo, AddressInfoHints, eai, getaddrinfo } from "./resolve";
export * from "./socket";
