//! A TCP connection on which a request can be sent piece by piece.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use trtc_live_webhook::samples;

use crate::{Answer, WAIT};

pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, WAIT).unwrap();
        stream.set_read_timeout(Some(WAIT)).unwrap();
        stream.set_write_timeout(Some(WAIT)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends the bytes. Whether the service still wants them is seen in its answer.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.get_mut().write_all(bytes.as_ref());
    }

    /// Sends the head of a request, with these lines added to it.
    pub(crate) fn send_head(&mut self, request: &samples::Request, lines: &[&str]) {
        let query = request.query();
        let mut head = format!(
            "POST /webhook?{query} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        );
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
        let status = self.line();
        let status = status.split(' ').nth(1).unwrap_or_else(|| panic!("no status line: {status:?}"));
        let mut answer = Answer { status: status.parse().unwrap(), content_type: None, body: String::new() };
        let mut length = 0;
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap(),
                "content-type" => answer.content_type = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        (&mut self.0).take(length).read_to_string(&mut answer.body).unwrap();
        answer
    }

    #[track_caller]
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until the service closes the connection.
    #[track_caller]
    pub(crate) fn assert_closed(&mut self) {
        let mut rest = Vec::new();
        if let Err(error) = self.0.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }
}
