//! Packets without ids, names, texts and URLs.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    io,
};

use indexmap::IndexMap;
use serde_json::{Value, value::RawValue};
use trtc_live_webhook::{Delivery, RequestInfo, SdkAppId, drift};

use crate::record::shape::{MAX_DEPTH, NOUNS, is_word, number_of};

/// Fields whose texts are words of the protocol.
const WORDS: &[&str] = &[
    "ActivityStatus",
    "CallbackCommand",
    "EventCause",
    "EventType",
    "ImageFormat",
    "MsgType",
    "OpType",
    "opType",
    "RoomType",
    "TakeSeatMode",
    "ThumbFormat",
    "TrackType",
    "Type",
    "VideoFormat",
];

/// Most texts that are told apart. Further ones all become the same.
const MAX_TEXTS: usize = 20_000;

/// Ids that are numbers become larger ones than this.
const NUMBERS: u32 = 100_000_000;

/// What URLs become, each with a number behind it.
const URLS: &str = "https://www.example.com/";

/// Replaces what is personal, each text by the same in all packets.
#[derive(Debug, Default)]
pub(crate) struct Anonymizer {
    /// By the hash of the text, which can be long.
    replaced: HashMap<u64, Replaced>,
    hasher: RandomState,
    counts: HashMap<&'static str, u32>,
}

#[derive(Clone, Copy, Debug)]
struct Replaced {
    noun: &'static str,
    number: u32,
}

impl Anonymizer {
    /// Returns the packet in the style of the crate's fixtures. Field names, numbers that are no ids, times and words of
    /// the protocol stay, and so do values that drift reports, if they are words.
    pub(crate) fn packet(&mut self, packet: &[u8]) -> io::Result<String> {
        let text = std::str::from_utf8(packet).map_err(io::Error::other)?;
        let mut writer = Writer { anonymizer: self, kept: unrecognized(packet), text: String::new() };
        writer.value(text.trim(), "", "", 0)?;
        writer.text.push('\n');
        Ok(writer.text)
    }

    /// Goes on behind what this packet, of an earlier run, has: what was replaced in it cannot be told any more.
    pub(crate) fn go_on_after(&mut self, packet: &[u8]) {
        if let Ok(packet) = serde_json::from_slice(packet) {
            self.count(&packet);
        }
    }

    fn count(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.count_text(text),
            Value::Number(number) => {
                let number = number.as_u64().and_then(|number| u32::try_from(number).ok());
                let number = number.and_then(|number| number.checked_sub(NUMBERS));
                // Larger ones are no replacements.
                if let Some(number) = number.filter(|number| (1..=NUMBERS).contains(number)) {
                    for noun in NOUNS {
                        self.count_to(noun, number);
                    }
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.count(element)),
            Value::Object(fields) => fields.iter().for_each(|(name, field)| {
                self.count_text(name);
                self.count(field);
            }),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn count_text(&mut self, text: &str) {
        let of_url = || Some(("url", text.strip_prefix(URLS)?.parse().ok()?));
        if let Some((noun, number)) = number_of(text).or_else(of_url) {
            self.count_to(noun, number);
        }
    }

    fn count_to(&mut self, noun: &'static str, number: u32) {
        let count = self.counts.entry(noun).or_default();
        // A file of somebody else can say anything.
        *count = (*count).max(number.min(NUMBERS));
    }

    fn replace(&mut self, text: &str, noun: &'static str) -> Replaced {
        let hash = self.hasher.hash_one(text);
        if let Some(known) = self.replaced.get(&hash) {
            return *known;
        }
        if self.replaced.len() >= MAX_TEXTS {
            return Replaced { noun, number: 0 };
        }
        let count = self.counts.entry(noun).or_default();
        *count += 1;
        let new = Replaced { noun, number: *count };
        self.replaced.insert(hash, new);
        new
    }
}

/// Returns where the packet has values that the crate does not know, for which it is recorded.
fn unrecognized(packet: &[u8]) -> HashSet<String> {
    let request = RequestInfo::new(SdkAppId::new(0));
    let Ok(delivery) = Delivery::from_trusted(request, packet) else { return HashSet::new() };
    let findings = drift::report(&delivery, packet).into_iter();
    findings
        .filter_map(|finding| match finding {
            drift::Finding::UnrecognizedValue { pointer, .. } => Some(pointer),
            _ => None,
        })
        .collect()
}

/// Writes one packet.
struct Writer<'a> {
    anonymizer: &'a mut Anonymizer,
    /// JSON Pointers to what is kept.
    kept: HashSet<String>,
    text: String,
}

impl Writer<'_> {
    fn value(&mut self, json: &str, field: &str, pointer: &str, depth: usize) -> io::Result<()> {
        match json.as_bytes().first() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => self.text.push_str("null"),
            Some(b'{') => {
                let fields: IndexMap<String, Box<RawValue>> = serde_json::from_str(json)?;
                self.text.push('{');
                for (number, (name, value)) in fields.iter().enumerate() {
                    self.line(number, depth + 1);
                    let name = if is_word(name) { name.clone() } else { self.noun(name, "field") };
                    self.text.push_str(&serde_json::to_string(&name)?);
                    self.text.push_str(": ");
                    self.value(value.get(), &name, &format!("{pointer}/{name}"), depth + 1)?;
                }
                self.end(fields.is_empty(), depth, '}');
            }
            Some(b'[') => {
                let elements: Vec<Box<RawValue>> = serde_json::from_str(json)?;
                self.text.push('[');
                for (number, element) in elements.iter().enumerate() {
                    self.line(number, depth + 1);
                    self.value(element.get(), field, &format!("{pointer}/{number}"), depth + 1)?;
                }
                self.end(elements.is_empty(), depth, ']');
            }
            Some(b'"') => {
                let text: String = serde_json::from_str(json)?;
                let text = self.string(text, field, pointer);
                self.text.push_str(&serde_json::to_string(&text)?);
            }
            Some(b'-' | b'0'..=b'9') => {
                let number = self.number(json, field);
                self.text.push_str(&number);
            }
            _ => self.text.push_str(json),
        }
        Ok(())
    }

    fn string(&mut self, text: String, field: &str, pointer: &str) -> String {
        let is_time = ["Time", "Ts", "Stamp"].iter().any(|end| field.ends_with(end))
            && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_kept = WORDS.contains(&field) || self.kept.contains(pointer);
        if text.is_empty() || is_time || is_kept && is_word(&text) {
            return text;
        }
        if text.contains("://") || field.to_ascii_lowercase().contains("url") {
            let Replaced { number, .. } = self.anonymizer.replace(&text, "url");
            return format!("{URLS}{number}");
        }
        self.noun(&text, noun(field))
    }

    fn noun(&mut self, text: &str, noun: &'static str) -> String {
        let Replaced { noun, number } = self.anonymizer.replace(text, noun);
        format!("{noun}-{number}")
    }

    fn number(&mut self, json: &str, field: &str) -> String {
        match field {
            "Latitude" | "Longitude" => "0.5".to_owned(),
            // A number that says what kind of recording it is.
            "EventGroupId" => json.to_owned(),
            _ if noun(field) != "text" && noun(field) != "name" => {
                let Replaced { number, .. } = self.anonymizer.replace(json, noun(field));
                (NUMBERS + number).to_string()
            }
            _ => json.to_owned(),
        }
    }

    fn line(&mut self, number: usize, depth: usize) {
        if number > 0 {
            self.text.push(',');
        }
        self.text.push('\n');
        self.text.push_str(&"  ".repeat(depth));
    }

    fn end(&mut self, empty: bool, depth: usize, bracket: char) {
        if !empty {
            self.text.push('\n');
            self.text.push_str(&"  ".repeat(depth));
        }
        self.text.push(bracket);
    }
}

/// Says what a field holds, by its name.
fn noun(field: &str) -> &'static str {
    let ends = |ends: &[&str]| ends.iter().any(|end| field.ends_with(end));
    if field.contains("RoomId") || field == "GroupId" {
        "room"
    } else if ends(&["Account", "UserId", "UserID"]) {
        "user"
    } else if ends(&["Id", "ID", "id"]) {
        "id"
    } else if ends(&["Name"]) {
        "name"
    } else {
        "text"
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use trtc_live_webhook::{Delivery, Event, RequestInfo, SdkAppId, drift, samples};

    use super::{Anonymizer, WORDS};
    use crate::record::shape::Kind;

    fn texts<'a>(value: &'a Value, field: &'a str, texts: &mut Vec<(&'a str, &'a str)>) {
        match value {
            Value::String(text) => texts.push((field, text)),
            Value::Array(elements) => elements.iter().for_each(|element| self::texts(element, field, texts)),
            Value::Object(fields) => {
                fields.iter().for_each(|(field, value)| self::texts(value, field, texts));
            }
            _ => {}
        }
    }

    #[test]
    fn of_every_sample_only_words_and_times_stay() {
        let mut anonymizer = Anonymizer::default();
        for sample in samples::ALL {
            let packet = anonymizer.packet(sample.json().as_bytes()).unwrap();
            let before: Value = serde_json::from_str(sample.json()).unwrap();
            let after: Value = serde_json::from_str(&packet).unwrap();
            let (mut old, mut new) = (vec![], vec![]);
            texts(&before, "", &mut old);
            texts(&after, "", &mut new);
            assert_eq!(old.len(), new.len());
            for ((field, old), (_, new)) in old.into_iter().zip(new) {
                let is_time = old.bytes().all(|byte| byte.is_ascii_digit());
                assert_eq!(
                    old == new,
                    WORDS.contains(&field) || old.is_empty() || is_time && field.ends_with(['e', 's', 'p']),
                    "{}: {field}: {old} {new}",
                    sample.name()
                );
            }
            assert_eq!(Event::from_slice(packet.as_bytes()).unwrap().command(), &sample.command());
            assert_eq!(Kind::of(packet.as_bytes()), Kind::of(sample.json().as_bytes()), "{}", sample.name());
        }
    }

    #[test]
    fn the_same_becomes_the_same_in_all_packets() {
        let mut anonymizer = Anonymizer::default();
        let first = r#"{"RoomId":"my room","From_Account":"ann","To_Account":["bob","ann"],"Text":"hi"}"#;
        let second = r#"{"GroupId":"my room","Text":"ann","UserId":144115216631667826,"CoverURL":"a.png"}"#;
        let first: Value = serde_json::from_str(&anonymizer.packet(first.as_bytes()).unwrap()).unwrap();
        let second: Value = serde_json::from_str(&anonymizer.packet(second.as_bytes()).unwrap()).unwrap();
        assert_eq!(first["RoomId"], "room-1");
        assert_eq!(first["To_Account"], serde_json::json!(["user-2", "user-1"]));
        assert_eq!(first["Text"], "text-1");
        assert_eq!((&second["GroupId"], &second["Text"]), (&first["RoomId"], &first["From_Account"]));
        assert_eq!(second["UserId"], 100_000_003);
        assert_eq!(second["CoverURL"], "https://www.example.com/1");
    }

    #[test]
    fn what_is_new_stays_and_what_is_hostile_does_not() {
        let mut anonymizer = Anonymizer::default();
        let packet = r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"DestroyByMoon",
            "Phase":3,"Remark":"call +86 755 000","<b>Ann</b>":"x","Deep":[[[[1.50,true,null]]]]}"#;
        let text = anonymizer.packet(packet.as_bytes()).unwrap();
        for gone in ["755", "Ann", "<b>", "\"r\""] {
            assert!(!text.contains(gone), "{text}");
        }
        for kept in ["\"DestroyByMoon\"", "\"Phase\": 3", "1.50"] {
            assert!(text.contains(kept), "{text}");
        }
        let request = RequestInfo::new(SdkAppId::new(0));
        let delivery = Delivery::from_trusted(request, text.as_bytes()).unwrap();
        assert_eq!(drift::report(&delivery, text.as_bytes()).len(), 5);

        let sentence = packet.replace("DestroyByMoon", "Ann did it");
        assert!(!anonymizer.packet(sentence.as_bytes()).unwrap().contains("did it"));
        let nested = format!("{{\"A\":{}1{}}}", "[".repeat(100), "]".repeat(100));
        assert!(anonymizer.packet(nested.as_bytes()).unwrap().contains("null"));
        anonymizer.packet(b"\xff").unwrap_err();
    }

    #[test]
    fn it_looks_like_a_fixture() {
        let packet =
            r#"{"CallbackCommand":"Live.CallbackAfterDelMetadata","RoomId":"r","Keys":["a"],"More":[{}]}"#;
        let expected = "{\n  \"CallbackCommand\": \"Live.CallbackAfterDelMetadata\",\n  \"RoomId\": \"room-1\",\n  \
                        \"Keys\": [\n    \"text-1\"\n  ],\n  \"More\": [\n    {}\n  ]\n}\n";
        assert_eq!(Anonymizer::default().packet(packet.as_bytes()).unwrap(), expected);
    }
}
