// A server of standard WASI preview 1, with Go's own net: it takes one connection at the socket that it finds
// listening, and sends back what comes.

package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
)

const listener = 3

func serve() error {
	listener, err := net.FileListener(os.NewFile(listener, "listener"))
	if err != nil {
		return err
	}
	connection, err := listener.Accept()
	if err != nil {
		return err
	}
	if _, err := io.Copy(connection, connection); err != nil {
		return err
	}
	fmt.Println("served")
	return connection.Close()
}

func main() {
	if err := serve(); err != nil {
		log.Fatal(err)
	}
}
