//! What sends requests to a mount.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::{HeaderMap, Response, header};
use http_body_util::BodyExt;
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use lambda_http::{Adapter, Context, LambdaEvent, request::LambdaRequest};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tower_service::Service as _;
use trtc_live_webhook::Webhook;

use crate::{
    Service,
    request::{Answer, Request},
};

/// How long anything may take. Only a test that fails ever waits for so long.
const WAIT: Duration = Duration::from_secs(30);

/// A mount that runs.
pub(crate) enum Client {
    Http1(SocketAddr),
    Http2(SocketAddr),
    /// What Lambda's runtime calls, in place of a socket, with what this kind of API sends it.
    Lambda(Webhook<Service>, Api),
}

/// Kind of API in front of a function of Lambda's.
#[derive(Clone, Copy)]
pub(crate) enum Api {
    Http,
    /// Decodes the query, and encodes the body.
    Rest,
}

impl Client {
    /// Whether a body can be sent piece by piece.
    pub(crate) fn streams(&self) -> bool {
        !matches!(self, Self::Lambda(..))
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        let answer = async {
            match self {
                Self::Http1(address) | Self::Http2(address) => {
                    let stream = TcpStream::connect(address).await.unwrap();
                    self.send_over(TokioIo::new(stream), *address, request).await
                }
                Self::Lambda(webhook, api) => lambda(webhook, *api, &request).await,
            }
        };
        timeout(WAIT, answer).await.expect("an answer comes in time")
    }

    async fn send_over(&self, stream: TokioIo<TcpStream>, address: SocketAddr, request: Request) -> Answer {
        let Request { method, query, body } = request;
        let request = http::Request::builder()
            .method(method)
            .uri(format!("http://{address}/webhook?{query}"))
            .header(header::HOST, address.to_string())
            .header(header::CONTENT_TYPE, "application/json");
        let request = request.body(body).unwrap();
        let response = if matches!(self, Self::Http2(_)) {
            let (mut sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        } else {
            let (mut sender, connection) = http1::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        };
        answer(response).await
    }
}

async fn answer(response: Response<Incoming>) -> Answer {
    let text = |headers: &HeaderMap, name| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let (head, body) = response.into_parts();
    Answer {
        status: head.status.as_u16(),
        content_type: text(&head.headers, header::CONTENT_TYPE),
        allow: text(&head.headers, header::ALLOW),
        body: String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap(),
    }
}

/// Sends the request as API Gateway does, and reads the answer as it does.
async fn lambda(webhook: &Webhook<Service>, api: Api, request: &Request) -> Answer {
    let event = match api {
        Api::Http => http_event(request),
        Api::Rest => rest_event(request),
    };
    let event: LambdaRequest = serde_json::from_value(event).unwrap();
    let mut adapter = Adapter::from(webhook.clone());
    let response = adapter.call(LambdaEvent::new(event, Context::default())).await.unwrap();
    let response = serde_json::to_value(response).unwrap();
    let headers = match api {
        Api::Http => &response["headers"],
        Api::Rest => &response["multiValueHeaders"],
    };
    let text = |name: &str| match &headers[name] {
        Value::Array(values) => Some(values[0].as_str().unwrap().to_owned()),
        value => value.as_str().map(ToOwned::to_owned),
    };
    assert_ne!(response["isBase64Encoded"], Value::Bool(true));
    Answer {
        status: response["statusCode"].as_u64().unwrap().try_into().unwrap(),
        content_type: text("content-type"),
        allow: text("allow"),
        body: response["body"].as_str().unwrap_or_default().to_owned(),
    }
}

fn whole(request: &Request) -> Vec<u8> {
    request.body.pieces.iter().flatten().copied().collect()
}

/// Event of an HTTP API, in version 2.0.
fn http_event(request: &Request) -> Value {
    let body = whole(request);
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/webhook",
        "rawQueryString": request.query,
        "headers": { "content-type": "application/json", "content-length": body.len().to_string() },
        "requestContext": {
            "accountId": "1", "apiId": "1", "domainName": "localhost", "domainPrefix": "x", "requestId": "1",
            "routeKey": "$default", "stage": "$default", "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1,
            "http": {
                "method": request.method.as_str(), "path": "/webhook", "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "agent",
            },
        },
        "body": String::from_utf8(body).unwrap(),
        "isBase64Encoded": false,
    })
}

/// Event of a REST API.
fn rest_event(request: &Request) -> Value {
    let mut query = HashMap::<_, Vec<_>>::new();
    for (name, value) in form_urlencoded::parse(request.query.as_bytes()) {
        query.entry(name).or_default().push(value);
    }
    json!({
        "resource": "/webhook",
        "path": "/webhook",
        "httpMethod": request.method.as_str(),
        "headers": { "content-type": "application/json" },
        "multiValueHeaders": { "content-type": ["application/json"] },
        "queryStringParameters": query.iter().map(|(name, values)| (name, &values[0])).collect::<HashMap<_, _>>(),
        "multiValueQueryStringParameters": query,
        "requestContext": {
            "accountId": "1", "apiId": "1", "httpMethod": request.method.as_str(), "identity": {}, "path": "/webhook",
            "requestId": "1", "resourceId": "1", "resourcePath": "/webhook", "stage": "$default",
        },
        "body": BASE64_STANDARD.encode(whole(request)),
        "isBase64Encoded": true,
    })
}
