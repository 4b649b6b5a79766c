//! A service on a port of its own: one thread per connection, and one request on each.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::Value;
use trtc_live_webhook::{Delivery, Receiver, Reply, SdkAppId};

/// Application of the services that check it.
pub(crate) const OURS: SdkAppId = SdkAppId::new(1_400_000_001);

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Method, path and query, as in `POST /webhook?SdkAppid=1`.
    pub(crate) line: String,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn query(&self) -> &str {
        self.line.split_once('?').unwrap().1
    }

    pub(crate) fn packet(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn delivery(&self, receiver: &Receiver) -> Delivery {
        receiver.receive(self.query(), &self.body).unwrap()
    }
}

type Log = Arc<Mutex<Vec<Received>>>;

/// A running service, which remembers what it got.
pub(crate) struct Service {
    pub(crate) url: String,
    received: Log,
}

impl Service {
    /// Starts a service that answers with the status and the body that `answer` makes.
    pub(crate) fn start(answer: impl Fn(&Received) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/webhook?tenant=7", listener.local_addr().unwrap());
        let (answer, received) = (Arc::new(answer), Log::default());
        let all = Arc::clone(&received);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, all) = (Arc::clone(&answer), Arc::clone(&all));
                thread::spawn(move || {
                    let stream = stream.unwrap();
                    let received = read(&stream).unwrap();
                    all.lock().unwrap().push(received.clone());
                    let (status, body) = answer(&received);
                    // Who waits no longer cannot be answered.
                    let _ = write(stream, status, &body);
                });
            }
        });
        Self { url, received }
    }

    /// Starts a service that answers as one that has this receiver and has nothing to refuse.
    pub(crate) fn receiving(receiver: Receiver) -> Self {
        Self::start(move |received| match receiver.receive(received.query(), &received.body) {
            Ok(_) => (200, Reply::ok().to_json()),
            Err(error) => (error.status_code(), error.to_string()),
        })
    }

    /// Starts a service that always gives this answer.
    pub(crate) fn answering(status: u16, body: &str) -> Self {
        let body = body.to_owned();
        Self::start(move |_| (status, body.clone()))
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> io::Result<Received> {
    let mut reader = BufReader::new(stream);
    let mut text = String::new();
    reader.read_line(&mut text)?;
    let line = text.trim_end().strip_suffix(" HTTP/1.1").unwrap().to_owned();
    let (mut length, mut content_type) = (0, None);
    loop {
        text.clear();
        reader.read_line(&mut text)?;
        let Some((name, value)) = text.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "content-type" => content_type = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Received { line, content_type, body })
}

fn write(mut stream: TcpStream, status: u16, body: &str) -> io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all((head + body).as_bytes())
}
