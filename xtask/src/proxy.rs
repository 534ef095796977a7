//! An HTTP proxy between a browser and the web server of wasm-bindgen's test runner.
//!
//! That server has four threads, and each connection that a browser keeps open occupies one of them. A
//! browser that opens more connections, as it does for the files of a test page, would wait forever. The
//! proxy forwards each request over a connection of its own, which it closes after the response. The browser
//! uses it for every address except that of the server under test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use anyhow::{Context as _, Result};

/// Starts the proxy on a free port of 127.0.0.1. It runs until the process ends.
pub(crate) fn start() -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")?;
    let address = listener.local_addr().context("a listener without an address")?;
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // If a request fails, the connection ends without a response, as it would without a proxy.
            std::thread::spawn(move || forward(&client));
        }
    });
    Ok(address)
}

/// Forwards one request and its response.
fn forward(client: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let Some((host, head, body)) = rewrite_head(&head) else { return Ok(()) };
    let mut server = TcpStream::connect(host)?;
    server.write_all(head.as_bytes())?;
    std::io::copy(&mut reader.take(body), &mut server)?;
    std::io::copy(&mut server, &mut &*client)?;
    client.shutdown(std::net::Shutdown::Both)
}

/// Converts the head of a request to a proxy into one to the server. Returns the server's address, the new
/// head and the length of the body in bytes, or `None` if the request is not one to a proxy.
fn rewrite_head(head: &str) -> Option<(String, String, u64)> {
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
    use super::rewrite_head;

    #[test]
    fn proxy_request_is_rewritten_to_a_server_request_that_closes() {
        let head = "POST http://127.0.0.1:80/a/b?c HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\nContent-Length: 7\r\n\r\n";
        let (host, head, body) = rewrite_head(head).unwrap();
        assert_eq!(host, "127.0.0.1:80");
        assert_eq!(head, "POST /a/b?c HTTP/1.1\r\nConnection: close\r\nHost: x\r\nContent-Length: 7\r\n\r\n");
        assert_eq!(body, 7);
    }

    #[test]
    fn other_requests_are_rejected() {
        assert!(rewrite_head("CONNECT 127.0.0.1:80 HTTP/1.1\r\n\r\n").is_none());
        assert!(rewrite_head("GET / HTTP/1.1\r\n\r\n").is_none());
    }
}
