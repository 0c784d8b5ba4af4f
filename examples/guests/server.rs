// A server of standard WASI preview 1, with Rust's own std::net: it takes one connection at the socket that it finds
// listening, and sends back what comes.

use std::io::{copy, Result};
use std::net::TcpListener;
use std::os::wasi::io::FromRawFd;

const LISTENER: i32 = 3;

fn main() -> Result<()> {
    let listener = unsafe { TcpListener::from_raw_fd(LISTENER) };
    let (stream, _) = listener.accept()?;
    copy(&mut &stream, &mut &stream)?;
    println!("served");
    Ok(())
}
