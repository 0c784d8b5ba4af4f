// A client of WasmEdge's sockets, whose connection is then a net.Conn: what Go's own net.Dial cannot do on WASI preview 1.

package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"syscall"
	"unsafe"
)

//go:wasmimport wasi_snapshot_preview1 sock_open
func sockOpen(family, kind int32, fd unsafe.Pointer) uint32

//go:wasmimport wasi_snapshot_preview1 sock_connect
func sockConnect(fd int32, address unsafe.Pointer, port int32) uint32

const (
	inet4  = 1
	stream = 2
)

// The host reads and writes these: what stands on a goroutine's stack can be moved.
var (
	loopback = [4]byte{127, 0, 0, 1}
	address  struct{ bytes, size uint32 }
	fd       int32
)

func check(errno uint32) error {
	if errno == 0 {
		return nil
	}
	return syscall.Errno(errno)
}

func dial(port int32) (net.Conn, error) {
	address.bytes = uint32(uintptr(unsafe.Pointer(&loopback)))
	address.size = uint32(len(loopback))
	if err := check(sockOpen(inet4, stream, unsafe.Pointer(&fd))); err != nil {
		return nil, err
	}
	if err := check(sockConnect(fd, unsafe.Pointer(&address), port)); err != nil {
		return nil, err
	}
	if err := syscall.SetNonblock(int(fd), true); err != nil { // so that a read parks its goroutine alone
		return nil, err
	}
	return net.FileConn(os.NewFile(uintptr(fd), "connection"))
}

func main() {
	connection, err := dial(7000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprint(connection, "hello")
	buffer := make([]byte, 64)
	count, err := connection.Read(buffer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(buffer[:count]))
}
