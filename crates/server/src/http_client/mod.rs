//! A client for one URL of another server: it resolves the host, checks the address that it connects to, and
//! posts bodies. Webhooks and translations use it.

mod address;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use url::Url;

use address::is_public;

/// The most connections that are kept for the next calls.
const IDLE_CONNECTIONS: usize = 16;

/// Why a call failed. The text is for the operator.
#[derive(Debug, Error)]
pub(crate) enum CallError {
    /// The name of the host is unknown.
    #[error("the host cannot be resolved: {0}")]
    Resolve(io::Error),
    /// Every address of the host belongs to a private network.
    #[error("the host has only addresses in private networks ({0}); `allow_private = true` would allow them")]
    Private(SocketAddr),
    /// No connection could be made.
    #[error("no connection: {0}")]
    Connect(io::Error),
    /// The TLS handshake failed.
    #[error("no secure connection: {0}")]
    Tls(io::Error),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Http(#[from] hyper::Error),
    /// The receiver refused the call. Redirects are not followed.
    #[error("the receiver answered with the status {0}")]
    Status(u16),
    /// The receiver took too long.
    #[error("the receiver did not answer in time")]
    TimedOut,
    /// The URL or a header is malformed.
    #[error("{0}")]
    Malformed(String),
}

type Connection = SendRequest<Full<Bytes>>;

/// A response of any status. Redirects are not followed.
pub(crate) struct Response {
    pub(crate) status: u16,
    /// `None` if it is larger than the client allows, or if the connection broke.
    pub(crate) body: Option<Bytes>,
}

/// The settings of a client.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    /// Whether the host may have an address in a private network or on this machine.
    pub(crate) allow_private: bool,
    /// The largest body of a response, in bytes.
    pub(crate) response_bytes: usize,
    /// The header `User-Agent`.
    pub(crate) user_agent: &'static str,
}

/// A client for one URL.
pub(crate) struct Client {
    url: Url,
    options: Options,
    tls: Option<TlsConnector>,
    idle: Mutex<Vec<Connection>>,
}

impl Client {
    pub(crate) fn new(url: &str, options: Options) -> Result<Client, CallError> {
        let url = Url::parse(url).map_err(|error| CallError::Malformed(format!("the URL: {error}")))?;
        let tls = if url.scheme() == "https" { Some(tls()?) } else { None };
        Ok(Client { url, options, tls, idle: Mutex::default() })
    }

    /// Posts a JSON body.
    pub(crate) async fn post(
        &self,
        headers: &[(&'static str, String)],
        body: &Bytes,
    ) -> Result<Response, CallError> {
        // A connection that was kept may have been closed by the receiver meanwhile, before it read anything.
        let kept = self.idle().pop();
        if let Some(mut connection) = kept
            && connection.ready().await.is_ok()
        {
            match self.post_on(connection, headers, body).await {
                Err(CallError::Http(error)) if error.is_canceled() || error.is_closed() => {}
                result => return result,
            }
        }
        let connection = self.connect().await?;
        self.post_on(connection, headers, body).await
    }

    async fn post_on(
        &self,
        mut connection: Connection,
        headers: &[(&'static str, String)],
        body: &Bytes,
    ) -> Result<Response, CallError> {
        let request = self.request(headers, body.clone())?;
        connection.ready().await?;
        let response = connection.send_request(request).await?;
        let status = response.status().as_u16();
        let limited = Limited::new(response.into_body(), self.options.response_bytes);
        let body = limited.collect().await.ok().map(|body| body.to_bytes());
        if body.is_some() {
            let mut idle = self.idle();
            if idle.len() < IDLE_CONNECTIONS {
                idle.push(connection);
            }
        }
        Ok(Response { status, body })
    }

    fn request(
        &self,
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, CallError> {
        let host = self.url.host_str().unwrap_or_default();
        let host = self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let path = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        let malformed = |error: &dyn std::fmt::Display| CallError::Malformed(error.to_string());
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(HOST, host)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static(self.options.user_agent));
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(|error| malformed(&error))?;
            request = request.header(HeaderName::from_static(name), value);
        }
        request.body(Full::new(body)).map_err(|error| malformed(&error))
    }

    async fn connect(&self) -> Result<Connection, CallError> {
        let host = self.url.host_str().unwrap_or_default();
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let port = self.url.port_or_known_default().unwrap_or(443);
        let found: Vec<SocketAddr> = lookup_host((name, port)).await.map_err(CallError::Resolve)?.collect();
        let mut problem = None;
        for address in &found {
            if !self.options.allow_private && !is_public(address.ip()) {
                problem.get_or_insert(CallError::Private(*address));
                continue;
            }
            // To this address, not to the name, which could resolve to another one now.
            match TcpStream::connect(address).await {
                Ok(stream) => return self.start(stream, name).await,
                Err(error) => problem = Some(CallError::Connect(error)),
            }
        }
        let nothing = || CallError::Resolve(io::Error::new(io::ErrorKind::NotFound, "it has no address"));
        Err(problem.unwrap_or_else(nothing))
    }

    async fn start(&self, stream: TcpStream, name: &str) -> Result<Connection, CallError> {
        // Without effect on correctness if the system refuses.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else { return open(stream).await };
        let name = ServerName::try_from(name.to_owned())
            .map_err(|error| CallError::Malformed(format!("the host: {error}")))?;
        open(tls.connect(name, stream).await.map_err(CallError::Tls)?).await
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn open<S>(stream: S) -> Result<Connection, CallError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        // The request that needs the connection gets the error too.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to another server ended");
        }
    });
    Ok(sender)
}

/// TLS with the certificates that the system trusts.
fn tls() -> Result<TlsConnector, CallError> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let problem = "this system trusts no certificates: install its package ca-certificates";
        return Err(CallError::Malformed(problem.to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| CallError::Malformed(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
