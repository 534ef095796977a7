//! Between a browser and the web server of wasm-bindgen's test runner.
//!
//! That server has four threads, and a connection that a browser keeps open holds one of them: a browser that opens
//! more at once, as for the files of a page of tests, waits in vain. Here each request goes on over a connection of
//! its own that is closed after the answer. The browser is given this as its proxy, for everything but the server
//! under test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use anyhow::{Context as _, Result};

/// Starts relaying on a free port, until the process ends.
pub(crate) fn start() -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")?;
    let address = listener.local_addr().context("a listener without an address")?;
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A request that cannot be passed on is a connection that ends without an answer, as without us.
            std::thread::spawn(move || relay(&client));
        }
    });
    Ok(address)
}

/// One request and its answer.
fn relay(client: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let Some((host, head, body)) = rewritten(&head) else { return Ok(()) };
    let mut server = TcpStream::connect(host)?;
    server.write_all(head.as_bytes())?;
    std::io::copy(&mut reader.take(body), &mut server)?;
    std::io::copy(&mut server, &mut &*client)?;
    client.shutdown(std::net::Shutdown::Both)
}

/// The head of a request to a proxy as the server wants it, with the server's address and the length of the body.
fn rewritten(head: &str) -> Option<(String, String, u64)> {
    let (line, headers) = head.split_once("\r\n")?;
    let (method, rest) = line.split_once(" http://")?;
    let (target, version) = rest.split_once(' ')?;
    let (host, path) = target.split_once('/').unwrap_or((target, ""));
    let mut out = format!("{method} /{path} {version}\r\nConnection: close\r\n");
    let mut body = 0;
    for header in headers.lines().filter(|header| !header.is_empty()) {
        let (name, value) = header.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "connection" | "proxy-connection" | "keep-alive" => continue,
            "content-length" => body = value.trim().parse().ok()?,
            _ => {}
        }
        out.push_str(header);
        out.push_str("\r\n");
    }
    out.push_str("\r\n");
    Some((host.to_owned(), out, body))
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn a_request_to_a_proxy_becomes_one_to_the_server_that_closes() {
        let head = "POST http://127.0.0.1:80/a/b?c HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\nContent-Length: 7\r\n\r\n";
        let (host, head, body) = rewritten(head).unwrap();
        assert_eq!(host, "127.0.0.1:80");
        assert_eq!(head, "POST /a/b?c HTTP/1.1\r\nConnection: close\r\nHost: x\r\nContent-Length: 7\r\n\r\n");
        assert_eq!(body, 7);
    }

    #[test]
    fn what_is_no_request_to_a_proxy_is_refused() {
        assert!(rewritten("CONNECT 127.0.0.1:80 HTTP/1.1\r\n\r\n").is_none());
        assert!(rewritten("GET / HTTP/1.1\r\n\r\n").is_none());
    }
}
