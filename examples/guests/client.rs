// A client of WasmEdge's sockets, whose connection is then a std::net::TcpStream: what the crate wasmedge_wasi_socket does.

use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;
use std::os::wasi::io::FromRawFd;

#[repr(C)]
struct Address {
    bytes: *const u8,
    size: usize,
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    fn sock_open(family: u8, kind: u8, fd: *mut i32) -> u32;
    fn sock_connect(fd: i32, address: *const Address, port: u32) -> u32;
}

const INET4: u8 = 1;
const STREAM: u8 = 2;

fn check(error: u32) -> Result<()> {
    if error == 0 { Ok(()) } else { Err(Error::from_raw_os_error(error as i32)) }
}

fn main() -> Result<()> {
    let loopback = [127u8, 0, 0, 1];
    let address = Address { bytes: loopback.as_ptr(), size: loopback.len() };
    let mut fd = -1;
    check(unsafe { sock_open(INET4, STREAM, &mut fd) })?;
    check(unsafe { sock_connect(fd, &address, 7000) })?;
    let mut stream = unsafe { TcpStream::from_raw_fd(fd) };
    stream.write_all(b"hello")?;
    let mut buffer = [0; 64];
    let count = stream.read(&mut buffer)?;
    println!("{}", String::from_utf8_lossy(&buffer[..count]));
    Ok(())
}
