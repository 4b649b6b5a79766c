//! Reading and writing the query.

use std::net::IpAddr;

use crate::support::chain;
use trtc_live_webhook::{Command, OptPlatform, RequestError, RequestInfo, SdkAppId};

#[track_caller]
fn read(query: &str) -> RequestInfo {
    RequestInfo::from_query(query).unwrap()
}

#[track_caller]
fn assert_refused(query: &str, error: &RequestError, text: &str) {
    assert_eq!(RequestInfo::from_query(query), Err(error.clone()), "{query}");
    assert_eq!(chain(error), text);
    assert_eq!(error.status_code(), 400);
}

#[test]
fn the_documented_query() {
    let request = read(
        "SdkAppid=1400000000&CallbackCommand=Live.CallbackAfterCreateRoom&contenttype=json&ClientIP=127.0.0.1\
         &OptPlatform=RESTAPI",
    );
    assert_eq!(request.sdk_app_id, SdkAppId::new(1_400_000_000));
    assert_eq!(request.command, Some(Command::AfterCreateRoom));
    assert_eq!(request.content_type.unwrap(), "json");
    assert_eq!(request.client_ip, Some(IpAddr::from([127, 0, 0, 1])));
    assert_eq!(request.opt_platform, Some(OptPlatform::RestApi));
}

#[test]
fn only_the_sdk_app_id_is_mandatory() {
    assert_eq!(read("SdkAppid=7"), RequestInfo::new(SdkAppId::new(7)));
    // Empty counts as absent.
    assert_eq!(
        read("SdkAppid=7&CallbackCommand=&contenttype&ClientIP=&OptPlatform="),
        RequestInfo::new(SdkAppId::new(7))
    );
    for query in ["", "?", "&&", "CallbackCommand=Live.CallbackAfterCreateRoom", "Sdk_Appid=7"] {
        assert!(matches!(RequestInfo::from_query(query), Err(RequestError::MissingSdkAppId)), "{query}");
    }
}

#[test]
fn names_are_matched_without_regard_to_case() {
    let expected = read("SdkAppid=7&CallbackCommand=Call.X&contenttype=json&ClientIP=::1&OptPlatform=iPad");
    for query in [
        "sdkappid=7&callbackcommand=Call.X&CONTENTTYPE=json&clientip=::1&optplatform=iPad",
        "SdkAppId=7&WebhookCommand=Call.X&contentType=json&ClientIp=::1&OptPlatform=iPad",
        "SDKAPPID=7&WEBHOOKCOMMAND=Call.X&ContentType=json&CLIENTIP=::1&OPTPLATFORM=iPad",
    ] {
        assert_eq!(read(query), expected);
    }
}

#[test]
fn names_and_values_are_decoded() {
    let request =
        read("?%53dkAppid=7&CallbackCommand=Call.%2B+%C3%A9&contenttype=a%26b%3Dc&ClientIP=%3A%3A1");
    assert_eq!(request.command.unwrap(), "Call.+ é");
    assert_eq!(request.content_type.unwrap(), "a&b=c");
    assert_eq!(request.client_ip, Some("::1".parse().unwrap()));
    // However many there are.
    for count in 1..5 {
        for (encoded, text) in [("%41", "A"), ("+", " ")] {
            let request = read(&format!("SdkAppid=7&contenttype={}", encoded.repeat(count)));
            assert_eq!(request.content_type.unwrap(), text.repeat(count));
        }
    }
}

#[test]
fn what_is_broken_is_passed_over() {
    let request = read("?tenant=7&%zz=%&tenant=8&SdkAppid=7&=&x=%ff&contenttype=%zz&ClientIP=nowhere");
    assert_eq!(request.sdk_app_id, SdkAppId::new(7));
    assert_eq!(request.content_type.unwrap(), "%zz");
    assert_eq!(request.client_ip, None);
    // One question mark is the separator; a second is part of a foreign name.
    assert!(matches!(RequestInfo::from_query("??SdkAppid=7"), Err(RequestError::MissingSdkAppId)));
}

#[test]
fn an_sdk_app_id_that_is_no_number() {
    for value in ["", "x", "-7", "%2B7", "7%20", "7.0", "18446744073709551616"] {
        let error = RequestInfo::from_query(&format!("SdkAppid={value}")).unwrap_err();
        assert!(matches!(error, RequestError::InvalidSdkAppId(_)), "{value}");
    }
    assert_refused(
        "SdkAppid=x",
        &RequestError::InvalidSdkAppId("x".parse::<SdkAppId>().unwrap_err()),
        "invalid parameter SdkAppid\nSDKAppID is not a decimal number of 64 bits\ninvalid digit found in string",
    );
    assert_refused("x=7", &RequestError::MissingSdkAppId, "missing parameter SdkAppid");
}

#[test]
fn a_parameter_that_is_read_must_not_be_there_twice() {
    for (first, second, name) in [
        ("SdkAppid=1", "SdkAppid=2", "SdkAppid"),
        ("SdkAppid=1", "sdkappid=1", "SdkAppid"),
        ("CallbackCommand=Call.X", "WebhookCommand=Call.X", "CallbackCommand"),
        ("contenttype=json", "contenttype=", "contenttype"),
        ("ClientIP=", "ClientIp=", "ClientIP"),
        ("OptPlatform=Web", "%4FptPlatform=Web", "OptPlatform"),
    ] {
        let error = RequestInfo::from_query(&format!("SdkAppid=1&{first}&x=1&{second}")).unwrap_err();
        assert_eq!(error.status_code(), 400);
        let name = if first.starts_with("Sdk") { "SdkAppid" } else { name };
        assert_eq!(chain(&error), format!("duplicate parameter {name}"));
    }
}

#[test]
fn what_is_written_reads_back() {
    for query in [
        "SdkAppid=0",
        "SdkAppid=18446744073709551615&contenttype=JSON",
        "SdkAppid=7&CallbackCommand=Live.CallbackMemberStateChanged&OptPlatform=iOs",
        "SdkAppid=7&CallbackCommand=%26+%C3%A9%3D&contenttype=%2B&ClientIP=2001:db8::1&OptPlatform=%23",
        "??SdkAppid=9&x&SdkAppid=7",
        "???SdkAppid=5&k&SdkAppid=5&A&",
        "SdkAppid=9&?SdkAppid=5&=&==&a=b=c",
    ] {
        let request = read(query);
        assert_eq!(read(&request.to_query()), request, "{query}");
    }
    let mut request = RequestInfo::new(SdkAppId::new(7));
    request.content_type = Some(String::new());
    assert_eq!(request.to_query(), "SdkAppid=7");
    let query = "SdkAppid=7&CallbackCommand=Live.CallbackAfterEndBattle&contenttype=json&ClientIP=127.0.0.1&OptPlatform=Mac";
    assert_eq!(read(query).to_query(), query);
}

#[test]
fn foreign_parameters_are_kept_in_their_order() {
    let request = read("tenant=7&%zz=%&Sign=x&tenant=8&SdkAppid=7&RequestTime=1&x=%ff+y&&flag&=");
    let foreign: Vec<_> = request.foreign.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(
        foreign,
        [("tenant", "7"), ("%zz", "%"), ("tenant", "8"), ("x", "\u{fffd} y"), ("flag", ""), ("", "")]
    );
    assert_eq!(request.parameter("tenant"), Some("7"));
    assert_eq!(request.parameter("Tenant"), None);
    assert_eq!(request.parameter("SdkAppid"), None);
    assert_eq!(request.to_query(), "tenant=7&%25zz=%25&tenant=8&x=%EF%BF%BD+y&flag=&=&SdkAppid=7");
}

/// One that bears a documented name would be read as what it is not.
#[test]
fn a_foreign_parameter_cannot_pose_as_a_documented_one() {
    let mut request = RequestInfo::new(SdkAppId::new(7));
    for name in ["SdkAppId", "webhookcommand", "Sign", "RequestTime", "ClientIP", "x"] {
        request.foreign.push((name.to_owned(), "8".to_owned()));
    }
    assert_eq!(request.to_query(), "x=8&SdkAppid=7");
}

#[cfg(feature = "samples")]
#[test]
fn a_url_keeps_what_is_foreign_and_replaces_the_rest() {
    use trtc_live_webhook::{event::room, samples::Request};
    use url::Url;

    let request = Request::new(SdkAppId::new(7), room::AfterCreateRoom::sample());
    let documented = request.query();
    for (base, foreign) in [
        ("https://www.example.com", ""),
        ("https://www.example.com/a?", ""),
        ("https://www.example.com/?b=%20#c", "b=%20&"),
        ("https://www.example.com/??SdkAppid=9&x", "x&"),
        ("https://www.example.com/???SdkAppid=5&k&SdkAppid=5&A&", "??SdkAppid=5&k&A&"),
        ("https://www.example.com/?SdkAppid=9&?SdkAppid=5", "??SdkAppid=5&"),
        ("https://www.example.com/?a=%7e&sdkappid=9&b&WebhookCommand=x&Sign=y&ClientIP=::1", "a=%7e&b&"),
    ] {
        let base: Url = base.parse().unwrap();
        let url = request.url(&base);
        assert_eq!(url.query().unwrap(), format!("{foreign}{documented}"), "{base}");
        assert_eq!(request.url(&url), url, "{base}");
        assert_eq!(read(url.query().unwrap()).sdk_app_id, SdkAppId::new(7));
    }
}
