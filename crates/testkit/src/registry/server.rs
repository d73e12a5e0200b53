//! The server: its life, and what a test can do with it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::Options;
use super::fault::Fault;
use super::halt::{Edge, Halt};
use super::record::{Counts, Recorded};
use super::service::Door;
use super::shared::{Shared, locked};
use super::store::Store;
use super::wire::{Cut, Wire};

/// A registry on a free port of this machine. It has threads of its own and stops when dropped.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Life.
impl Server {
    /// Starts a registry.
    ///
    /// # Panics
    /// There is no free port on the loopback, or no thread to be had.
    #[expect(
        clippy::unused_async,
        reason = "the caller need not know that the server has its own runtime"
    )]
    pub async fn start(options: Options) -> Self {
        Self::start_blocking(options)
    }

    /// Starts a registry; for tests and programs that are not asynchronous.
    ///
    /// # Panics
    /// There is no free port on the loopback, or no thread to be had.
    pub fn start_blocking(options: Options) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("testkit-registry".to_owned())
            .spawn(move || run(options, &sender, stopped))
            .expect("a thread can be started");
        let shared = receiver.recv().expect("the registry starts");
        Self {
            shared: shared.expect("the loopback has a free port"),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.shared.host
    }

    /// `127.0.0.1:PORT` of the storage that blobs are redirected to.
    pub fn storage_host(&self) -> &str {
        &self.shared.storage_host
    }

    /// `127.0.0.1:PORT/NAME`, as references begin.
    pub fn repository(&self, name: &str) -> String {
        format!("{}/{name}", self.host())
    }

    /// What it was started with.
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// The store behind it.
    pub fn store(&self) -> Store {
        Store { shared: Arc::clone(&self.shared) }
    }
}

/// Faults.
impl Server {
    /// Sets a fault, beside those that are set already.
    pub fn fault(&self, fault: Fault) {
        locked(&self.shared.faults).set(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        locked(&self.shared.faults).clear();
    }

    /// Stops at a write: from there on every request is answered by a reset, until
    /// [`Server::resume`]. Writes are counted from 1, from now on, in the order in which they are
    /// done; those that a fault or a login kept from the store do not count. Once the receiver is
    /// told, nothing changes in the store any more.
    pub fn stop_at_write(&self, write: u64, edge: Edge) -> oneshot::Receiver<()> {
        locked(&self.shared.halt).arm(write, edge)
    }

    /// As [`Server::stop_at_write`], with the write not done.
    pub fn block_before_write(&self, write: u64) -> oneshot::Receiver<()> {
        self.stop_at_write(write, Edge::Before)
    }

    /// Whether it has stopped.
    pub fn is_stopped(&self) -> bool {
        locked(&self.shared.halt).is_stopped()
    }

    /// Serves again, and forgets where it was to stop.
    pub fn resume(&self) {
        *locked(&self.shared.halt) = Halt::Off;
    }

    /// Makes every token that was given out expire at once.
    pub fn expire_tokens(&self) {
        locked(&self.shared.tokens).expire();
    }
}

/// Recording.
impl Server {
    /// All requests since the recording was last reset, in the order of their arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.log.requests()
    }

    /// The sums over [`Server::requests`].
    pub fn counts(&self) -> Counts {
        Counts::of(&self.requests())
    }

    /// Forgets the requests so far.
    pub fn reset_recording(&self) {
        self.shared.log.reset();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed; the test fails by what it does not get.
            drop(thread.join());
        }
    }
}

type Started = mpsc::Sender<io::Result<Arc<Shared>>>;

/// The thread of a server: ends when `stopped` is told, or its other end dropped.
fn run(options: Options, started: &Started, stopped: oneshot::Receiver<()>) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("testkit-registry-worker")
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            drop(started.send(Err(error)));
            return;
        }
    };
    runtime.block_on(async {
        match listen(options).await {
            Ok(shared) => {
                drop(started.send(Ok(shared)));
                drop(stopped.await);
            }
            Err(error) => drop(started.send(Err(error))),
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
}

async fn listen(options: Options) -> io::Result<Arc<Shared>> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (registry, storage) = (TcpListener::bind(any).await?, TcpListener::bind(any).await?);
    let host = registry.local_addr()?.to_string();
    let shared = Arc::new(Shared::new(options, host, storage.local_addr()?.to_string()));
    tokio::spawn(accept(registry, Arc::clone(&shared), Door::Registry));
    tokio::spawn(accept(storage, Arc::clone(&shared), Door::Storage));
    Ok(shared)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, door: Door) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(converse(stream, Arc::clone(&shared), door));
            }
            // Out of file descriptors: the client that waits is served when some are free again.
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>, door: Door) {
    // Without this, small answers wait for the client's delayed acknowledgement.
    drop(stream.set_nodelay(true));
    let cut = Cut::default();
    let io = TokioIo::new(Wire::new(stream, cut.clone()));
    let service = service_fn(move |request| {
        let (shared, cut) = (Arc::clone(&shared), cut.clone());
        async move {
            let served = shared.serve(request, door).await;
            served.inspect_err(|_| cut.arm())
        }
    });
    // How a conversation ended is the client's affair.
    drop(http1::Builder::new().serve_connection(io, service).await);
}
