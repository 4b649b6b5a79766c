//! The webhook in each framework: what a user types, and what makes it a server on a free port.

use std::{net, thread};

use hyper::server::conn::{http1, http2};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    service::TowerToHyperService,
};
use poem::{endpoint::TowerCompatExt, listener::TcpAcceptor};
use tokio::net::TcpListener;
use trtc_live_webhook::Webhook;

use crate::{Client, Service, client::Api};

/// Starts a mount.
pub(crate) type Mount = fn(Webhook<Service>) -> Client;

fn listener() -> net::TcpListener {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

macro_rules! axum {
    ($($name:ident: $axum:ident, |$webhook:ident| $router:expr;)+) => {
        $(
            pub(crate) fn $name($webhook: Webhook<Service>) -> Client {
                use $axum as axum;

                let router: axum::Router = $router;
                let listener = TcpListener::from_std(listener()).unwrap();
                let client = Client::Http1(listener.local_addr().unwrap());
                tokio::spawn(async { axum::serve(listener, router).await });
                client
            }
        )+
    };
}

axum! {
    axum_0_7_route: axum_0_7, |webhook| axum::Router::new().route_service("/webhook", webhook);
    axum_0_7_nest: axum_0_7, |webhook| axum::Router::new().nest_service("/webhook", webhook);
    axum_0_7_fallback: axum_0_7, |webhook| axum::Router::new().fallback_service(webhook);
    axum_0_7_post: axum_0_7, |webhook| axum::Router::new().route("/webhook", axum::routing::post_service(webhook));
    axum_0_8_route: axum_0_8, |webhook| axum::Router::new().route_service("/webhook", webhook);
    axum_0_8_nest: axum_0_8, |webhook| axum::Router::new().nest_service("/webhook", webhook);
    axum_0_8_fallback: axum_0_8, |webhook| axum::Router::new().fallback_service(webhook);
    axum_0_8_post: axum_0_8, |webhook| axum::Router::new().route("/webhook", axum::routing::post_service(webhook));
}

pub(crate) fn hyper_http1(webhook: Webhook<Service>) -> Client {
    let listener = TcpListener::from_std(listener()).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(webhook.clone());
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    Client::Http1(address)
}

pub(crate) fn hyper_http2(webhook: Webhook<Service>) -> Client {
    let listener = TcpListener::from_std(listener()).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(webhook.clone());
            let builder = http2::Builder::new(TokioExecutor::new());
            tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
        }
    });
    Client::Http2(address)
}

pub(crate) fn poem(webhook: Webhook<Service>) -> Client {
    let listener = listener();
    let address = listener.local_addr().unwrap();
    let acceptor = TcpAcceptor::from_std(listener).unwrap();
    let route = poem::Route::new().at("/webhook", webhook.compat());
    tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(route));
    Client::Http1(address)
}

pub(crate) fn lambda_http_api(webhook: Webhook<Service>) -> Client {
    // What a user types. It waits for Lambda's runtime, and is not awaited.
    drop(lambda_http::run(webhook.clone()));
    Client::Lambda(webhook, Api::Http)
}

pub(crate) fn lambda_rest_api(webhook: Webhook<Service>) -> Client {
    Client::Lambda(webhook, Api::Rest)
}

pub(crate) fn actix_web(webhook: Webhook<Service>) -> Client {
    use actix_web::{App, HttpServer, web};

    let listener = listener();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let server =
            HttpServer::new(move || App::new().service(web::resource("/webhook").to(webhook.clone())));
        let server = server.workers(1).disable_signals().listen(listener).unwrap();
        actix_web::rt::System::new().block_on(server.run())
    });
    Client::Http1(address)
}
