//! A TCP connection on which a request can be sent piece by piece.

use std::{
    io::{self, BufRead, BufReader, ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};
use trtc_live_webhook::samples;

use crate::{Answer, WAIT};

pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        Self::try_open(address).unwrap()
    }

    /// Opens a connection to a service that may be gone.
    pub(crate) fn try_open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, WAIT)?;
        stream.set_read_timeout(Some(WAIT))?;
        stream.set_write_timeout(Some(WAIT))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Waits for the beginning of an answer, or for the end of the connection.
    #[track_caller]
    pub(crate) fn is_answered(&mut self) -> bool {
        match self.0.fill_buf() {
            Ok(bytes) => !bytes.is_empty(),
            Err(error) => {
                assert!(!matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "neither");
                false
            }
        }
    }

    /// Opens a connection on which little is received unless it is read.
    pub(crate) fn open_narrow(address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        socket.connect_timeout(&address.into(), WAIT).unwrap();
        Self(BufReader::new(socket.into()))
    }

    /// Sends as much of the bytes as the service takes at once.
    pub(crate) fn send_some(&mut self, bytes: &[u8]) {
        let stream = self.0.get_mut();
        stream.set_nonblocking(true).unwrap();
        while stream.write(bytes).is_ok_and(|written| written > 0) {}
        stream.set_nonblocking(false).unwrap();
    }

    /// Returns whether the service has closed the connection, on which it has sent nothing.
    pub(crate) fn is_closed(&self) -> bool {
        match self.peek() {
            Ok(length) => length == 0,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }

    /// Returns whether the service has neither sent anything nor closed the connection.
    pub(crate) fn is_silent(&self) -> bool {
        self.peek().is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Returns whether there is a byte to read; an error if there is none yet.
    fn peek(&self) -> io::Result<usize> {
        let stream = self.0.get_ref();
        stream.set_nonblocking(true).unwrap();
        let peeked = stream.peek(&mut [0]);
        stream.set_nonblocking(false).unwrap();
        peeked
    }

    /// Says that nothing more will be sent.
    pub(crate) fn end(&mut self) {
        // It is an error if the service has closed the connection.
        let _ = self.0.get_ref().shutdown(Shutdown::Write);
    }

    /// Sends the bytes. Whether the service still wants them is seen in its answer.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.get_mut().write_all(bytes.as_ref());
    }

    /// Sends the head of a request, with these lines added to it.
    pub(crate) fn send_head(&mut self, request: &samples::Request, lines: &[&str]) {
        self.send_head_of("POST /webhook", request, lines);
    }

    /// Sends the head of a request for another method or path.
    pub(crate) fn send_head_of(&mut self, target: &str, request: &samples::Request, lines: &[&str]) {
        let query = request.query();
        let mut head =
            format!("{target}?{query} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
        for line in lines {
            head.push_str(line);
            head.push_str("\r\n");
        }
        self.send(head + "\r\n");
    }

    /// Sends a whole request.
    pub(crate) fn send_request(&mut self, request: &samples::Request) {
        self.send_head(request, &[&format!("Content-Length: {}", request.body().len())]);
        self.send(request.body());
    }

    /// Sends a request whose length is seen at its end only.
    pub(crate) fn send_chunked(&mut self, request: &samples::Request) {
        self.send_head(request, &["Transfer-Encoding: chunked"]);
        for chunk in request.body().chunks(10_000) {
            self.send(format!("{:x}\r\n", chunk.len()));
            self.send(chunk);
            self.send("\r\n");
        }
        self.send("0\r\n\r\n");
    }

    /// Reads an answer, or the status 100 that comes before it.
    #[track_caller]
    pub(crate) fn answer(&mut self) -> Answer {
        let (mut answer, length) = self.answer_to_head();
        (&mut self.0).take(length).read_to_string(&mut answer.body).unwrap();
        answer
    }

    /// Reads an answer without a body, and the length that the body would have.
    #[track_caller]
    pub(crate) fn answer_to_head(&mut self) -> (Answer, u64) {
        let status = self.line();
        let status = status.split(' ').nth(1).unwrap_or_else(|| panic!("no status line: {status:?}"));
        let mut answer =
            Answer { status: status.parse().unwrap(), content_type: None, allow: None, body: String::new() };
        let mut length = 0;
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap(),
                "allow" => answer.allow = Some(value.trim().to_owned()),
                "content-type" => answer.content_type = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        (answer, length)
    }

    #[track_caller]
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until the service refuses what is sent on the connection, without reading anything.
    #[track_caller]
    pub(crate) fn wait_for_reset(&mut self) {
        let deadline = Instant::now() + WAIT;
        let stream = self.0.get_mut();
        stream.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
        loop {
            match stream.write(b" ") {
                Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
                _ => assert!(Instant::now() < deadline, "still open"),
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until the service closes the connection.
    #[track_caller]
    pub(crate) fn assert_closed(&mut self) {
        let mut rest = Vec::new();
        if let Err(error) = self.0.read_to_end(&mut rest) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }
}
