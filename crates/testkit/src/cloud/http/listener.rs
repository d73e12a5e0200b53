use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::{Reply, Request};

/// More than any call of the services carries.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// What answers. It may block: every call has a thread of its own.
type Handler = dyn Fn(Request) -> Reply + Send + Sync;

/// A server on a free port of the loopback. It has threads of its own and stops when dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Starts one.
    ///
    /// # Panics
    /// There is no free port on the loopback, or no thread to be had.
    pub(crate) fn start(handler: impl Fn(Request) -> Reply + Send + Sync + 'static) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("testkit-cloud".to_owned())
            .spawn(move || run(Arc::new(handler), &sender, stopped))
            .expect("a thread can be started");
        let started = receiver.recv().expect("the thread tells whether it could start");
        let address = started.expect("the loopback has a free port");
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed; the test fails by what it does not get.
            drop(thread.join());
        }
    }
}

type Started = mpsc::Sender<io::Result<SocketAddr>>;

/// The thread of a server: ends when `stopped` is told, or its other end dropped.
fn run(handler: Arc<Handler>, started: &Started, stopped: oneshot::Receiver<()>) {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            drop(started.send(Err(error)));
            return;
        }
    };
    runtime.block_on(async {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await {
            Ok(listener) => {
                drop(started.send(listener.local_addr()));
                tokio::select! {
                    () = accept(listener, handler) => {}
                    _ = stopped => {}
                }
            }
            Err(error) => drop(started.send(Err(error))),
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
}

async fn accept(listener: TcpListener, handler: Arc<Handler>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(converse(stream, Arc::clone(&handler)));
            }
            // Out of file descriptors: the client that waits is served when some are free again.
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

async fn converse(stream: TcpStream, handler: Arc<Handler>) {
    // Without this, small answers wait for the client's delayed acknowledgement.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let handler = Arc::clone(&handler);
        async move {
            let (parts, body) = request.into_parts();
            let reply = match Limited::new(body, MAX_BODY).collect().await {
                Ok(body) => {
                    let request = Request::new(&parts, body.to_bytes());
                    let answered = spawn_blocking(move || handler(request)).await;
                    answered.unwrap_or_else(|_| Reply::new(500, "text/plain", "a bug in testkit"))
                }
                Err(_) => Reply::new(413, "text/plain", "the body is too large"),
            };
            Ok::<_, Infallible>(reply.into_response())
        }
    });
    // How a conversation ended is the client's affair.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}
