//! Rules that say what becomes of a message.

mod fold;
mod reload;
mod words;

use std::collections::BTreeSet;

use trtc_live_webhook::event::message::{Changes, Element};

pub(crate) use self::reload::WordFile;
use self::words::{Action, Words};
use crate::{settings::Unmatched, text};

/// What the rules say of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allow,
    /// Allow it with words replaced.
    Replace(Changes),
    Hold,
    Forbid,
}

/// Rules, but for the words, which change by themselves.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) words: WordFile,
    /// What becomes of a message that no rule is about.
    pub(crate) unmatched: Unmatched,
    /// What becomes of a message that may say what the words are not looked for in.
    pub(crate) unreadable: Unmatched,
    /// Kinds of elements that are held back, as the wire names them.
    pub(crate) hold_kinds: BTreeSet<String>,
    /// Custom elements that pass unless a word is found in them, by what the application calls them.
    pub(crate) pass_custom: BTreeSet<String>,
}

impl Rules {
    /// Judges a message by its elements and the data that goes with it: the strictest rule counts.
    pub(crate) fn judge(&self, elements: &mut Vec<Element>, custom_data: &mut Option<String>) -> Verdict {
        let words = self.words.load();
        let mut action = None;
        let hides = text::visit(elements, custom_data.as_mut(), &mut |_, text| {
            action = action.max(words.find(text).action);
            None
        });
        // Nothing that passes by its name says what goes with the message.
        let is_more = elements.is_empty() || custom_data.as_ref().is_some_and(|data| !data.is_empty());
        match action {
            Some(Action::Forbid) => Verdict::Forbid,
            Some(Action::Hold) => Verdict::Hold,
            _ if hides && self.unreadable == Unmatched::Hold => Verdict::Hold,
            _ if is_more && self.unmatched == Unmatched::Hold => Verdict::Hold,
            _ if elements.iter().any(|element| self.is_held(element)) => Verdict::Hold,
            Some(Action::Replace) => Verdict::Replace(replace(&words, elements, custom_data)),
            None => Verdict::Allow,
        }
    }

    /// Tells whether the element is held back whatever it says: by its kind, or that of one within a forwarded message.
    fn is_held(&self, element: &Element) -> bool {
        if let Element::Custom(custom) = element {
            if text::business_id(custom).is_some_and(|id| self.pass_custom.contains(&id)) {
                return false;
            }
        }
        self.unmatched == Unmatched::Hold
            || self.hold_kinds.contains(element.msg_type().as_str())
            || text::forwarded(element).any(|element| self.is_held(element))
    }
}

fn replace(words: &Words, elements: &mut Vec<Element>, custom_data: &mut Option<String>) -> Changes {
    text::visit(elements, custom_data.as_mut(), &mut |_, text| words.find(text).mask(text));
    let changes = Changes::new().with_msg_body(std::mem::take(elements));
    // No page says that data which is not sent back is kept.
    match custom_data.take() {
        Some(data) => changes.with_cloud_custom_data(data),
        None => changes,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use serde_json::json;
    use trtc_live_webhook::event::message::{Changes, Element};

    use super::{Rules, Verdict, WordFile};
    use crate::settings::Unmatched;

    fn rules(words: &str, unmatched: Unmatched) -> Rules {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(words.as_bytes()).unwrap();
        Rules {
            words: WordFile::open(Some(file.path())).unwrap(),
            unmatched,
            unreadable: Unmatched::Hold,
            hold_kinds: ["TIMImageElem".to_owned()].into(),
            pass_custom: ["TUIGift".to_owned()].into(),
        }
    }

    fn judge(rules: &Rules, elements: &[Element]) -> Verdict {
        rules.judge(&mut elements.to_vec(), &mut None)
    }

    fn image() -> Element {
        serde_json::from_value(json!({ "MsgType": "TIMImageElem", "MsgContent": {} })).unwrap()
    }

    fn gift(name: &str) -> Element {
        Element::custom(json!({ "businessID": "TUIGift", "data": name }).to_string())
    }

    #[test]
    fn the_strictest_rule_counts() {
        let rules = rules("replace darn\nhold casino\nforbid bet", Unmatched::Allow);
        assert_eq!(judge(&rules, &[Element::text("hi")]), Verdict::Allow);
        assert_eq!(judge(&rules, &[]), Verdict::Allow);
        assert_eq!(judge(&rules, &[Element::text("a casino, darn")]), Verdict::Hold);
        assert_eq!(judge(&rules, &[Element::text("casino"), Element::text("bet")]), Verdict::Forbid);
        assert_eq!(judge(&rules, &[image()]), Verdict::Hold);
        assert_eq!(judge(&rules, &[Element::text("darn"), image()]), Verdict::Hold);
        assert_eq!(judge(&rules, &[Element::text("bet"), image()]), Verdict::Forbid);
        let changed = Changes::new().with_msg_body([Element::text("***!"), gift("***")]);
        assert_eq!(judge(&rules, &[Element::text("Darn!"), gift("DARN")]), Verdict::Replace(changed));
    }

    #[test]
    fn data_that_goes_with_a_message_is_looked_at() {
        let rules = rules("replace darn\nforbid bet", Unmatched::Allow);
        let mut elements = vec![Element::text("hi")];
        let mut data = Some(r#"{"reply":"darn"}"#.to_owned());
        let changed = Changes::new().with_msg_body(elements.clone());
        let changed = changed.with_cloud_custom_data(r#"{"reply":"***"}"#);
        assert_eq!(rules.judge(&mut elements, &mut data), Verdict::Replace(changed));
        assert_eq!(rules.judge(&mut elements, &mut Some("a bet".to_owned())), Verdict::Forbid);
    }

    #[test]
    fn data_goes_back_with_a_changed_message() {
        let rules = rules("replace darn", Unmatched::Allow);
        let verdict = rules.judge(&mut vec![Element::text("darn")], &mut Some("same".to_owned()));
        let changed = Changes::new().with_msg_body([Element::text("***")]).with_cloud_custom_data("same");
        assert_eq!(verdict, Verdict::Replace(changed));
    }

    #[test]
    fn what_the_words_cannot_see_is_held() {
        let mut rules = rules("", Unmatched::Allow);
        let element = |json: serde_json::Value| serde_json::from_value::<Element>(json).unwrap();
        let deep = json!({ "a": json!({ "b": json!({ "c": "d" }).to_string() }).to_string() }).to_string();
        let relay = |content| element(json!({ "MsgType": "TIMRelayElem", "MsgContent": content }));
        let hidden = [
            element(json!({ "MsgType": "TIMPollElem", "MsgContent": { "Question": "hi" } })),
            Element::custom(deep.clone()),
            gift(&deep),
            relay(json!({ "Title": "chat", "JsonMsgKey": "key" })),
            // What is listed need not be all.
            relay(json!({ "Title": "chat", "JsonMsgKey": "key", "MsgList": [] })),
            relay(json!({ "MsgList": [{ "CloudCustomData": deep }] })),
            relay(json!({ "Title": deep })),
            relay(json!({ "CompatibleText": deep })),
            relay(json!({ "AbstractList": ["chat", deep] })),
            element(json!({ "MsgType": "TIMCustomElem", "MsgContent": { "Desc": deep } })),
            element(json!({ "MsgType": "TIMCustomElem", "MsgContent": { "Ext": deep } })),
            element(json!({ "MsgType": "TIMFaceElem", "MsgContent": { "Data": deep } })),
            element(json!({ "MsgType": "TIMLocationElem", "MsgContent": { "Desc": deep } })),
            element(json!({ "MsgType": "TIMFileElem", "MsgContent": { "FileName": deep } })),
            // A reader that is less strict finds a word in it.
            Element::custom(r#"{"text":"\u0063asino",}"#),
            gift(r#"{'text':"\u0063asino"}"#),
        ];
        let nested = json!({ "MsgList": [{ "MsgBody": [{ "MsgType": "TIMCustomElem", "MsgContent": { "Data": deep } }] }] });
        let hidden = [&hidden[..], &[relay(json!({ "MsgList": [{ "MsgBody": [relay(nested)] }] }))]].concat();
        for element in &hidden {
            assert_eq!(judge(&rules, std::slice::from_ref(element)), Verdict::Hold, "{element:?}");
        }
        for element in [
            relay(json!({ "Title": "chat", "MsgList": [] })),
            Element::custom(json!({ "a": json!({ "b": "{}" }).to_string() }).to_string()),
            Element::custom("[smile] hi"),
            Element::custom(format!("{}\"hi\"{}", "[".repeat(200), "]".repeat(200))),
        ] {
            assert_eq!(judge(&rules, std::slice::from_ref(&element)), Verdict::Allow, "{element:?}");
        }
        let with = |rules: &Rules, data: &str| {
            rules.judge(&mut vec![Element::text("hi")], &mut Some(data.to_owned()))
        };
        assert_eq!(with(&rules, &deep), Verdict::Hold);
        assert_eq!(with(&rules, r#"{"text":"\u0063asino",}"#), Verdict::Hold);
        rules.unreadable = Unmatched::Allow;
        assert_eq!(judge(&rules, &hidden), Verdict::Allow);
        assert_eq!(with(&rules, &deep), Verdict::Allow);
    }

    #[test]
    fn a_held_kind_is_found_in_forwarded_messages() {
        let rules = rules("", Unmatched::Allow);
        let relay = |body: serde_json::Value| -> Element {
            let content = json!({ "Title": "chat", "MsgList": [{ "MsgBody": [] }, { "MsgBody": [body] }] });
            serde_json::from_value(json!({ "MsgType": "TIMRelayElem", "MsgContent": content })).unwrap()
        };
        let image = relay(json!({ "MsgType": "TIMImageElem", "MsgContent": {} }));
        assert_eq!(judge(&rules, &[Element::text("hi"), image.clone()]), Verdict::Hold);
        assert_eq!(judge(&rules, &[relay(serde_json::to_value(&image).unwrap())]), Verdict::Hold);
        let text = relay(json!({ "MsgType": "TIMTextElem", "MsgContent": { "Text": "hi" } }));
        assert_eq!(judge(&rules, &[text]), Verdict::Allow);
    }

    #[test]
    fn gifts_of_older_kits_pass_unless_they_say_something() {
        let rules = rules("hold casino", Unmatched::Hold);
        assert_eq!(judge(&rules, &[gift("rose")]), Verdict::Allow);
        assert_eq!(judge(&rules, &[gift("casino")]), Verdict::Hold);
        assert_eq!(judge(&rules, &[gift("rose"), Element::text("hi")]), Verdict::Hold);
        assert_eq!(judge(&rules, &[Element::custom("TUIGift")]), Verdict::Hold);
        let with = |data: &str| rules.judge(&mut vec![gift("rose")], &mut Some(data.to_owned()));
        assert_eq!(with(r#"{"messageReply":{"messageAbstract":"hi"}}"#), Verdict::Hold);
        assert_eq!(with(""), Verdict::Allow);
        assert_eq!(judge(&rules, &[]), Verdict::Hold);
    }
}
