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
        text::visit(elements, custom_data.as_mut(), &mut |_, text| {
            action = action.max(words.find(text).action);
            None
        });
        match action {
            Some(Action::Forbid) => Verdict::Forbid,
            Some(Action::Hold) => Verdict::Hold,
            _ if elements.iter().any(|element| self.is_held(element)) => Verdict::Hold,
            _ if elements.is_empty() && self.unmatched == Unmatched::Hold => Verdict::Hold,
            Some(Action::Replace) => Verdict::Replace(replace(&words, elements, custom_data)),
            None => Verdict::Allow,
        }
    }

    /// Tells whether the element is held back whatever it says.
    fn is_held(&self, element: &Element) -> bool {
        if let Element::Custom(custom) = element {
            if text::business_id(custom).is_some_and(|id| self.pass_custom.contains(&id)) {
                return false;
            }
        }
        self.unmatched == Unmatched::Hold
            || (self.unreadable == Unmatched::Hold && text::hides(element))
            || self.hold_kinds.contains(element.msg_type().as_str())
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
            relay(json!({ "Title": "chat", "JsonMsgKey": "key" })),
            relay(
                json!({ "MsgList": [{ "MsgBody": [{ "MsgType": "TIMCustomElem", "MsgContent": { "Data": deep } }] }] }),
            ),
        ];
        for element in &hidden {
            assert_eq!(judge(&rules, std::slice::from_ref(element)), Verdict::Hold, "{element:?}");
        }
        for element in [
            relay(json!({ "Title": "chat", "JsonMsgKey": "key", "MsgList": [] })),
            Element::custom(json!({ "a": json!({ "b": "{}" }).to_string() }).to_string()),
            Element::custom("[smile] hi"),
            Element::custom(format!("{}\"hi\"{}", "[".repeat(200), "]".repeat(200))),
            gift(&deep),
        ] {
            assert_eq!(judge(&rules, std::slice::from_ref(&element)), Verdict::Allow, "{element:?}");
        }
        rules.unreadable = Unmatched::Allow;
        assert_eq!(judge(&rules, &hidden), Verdict::Allow);
    }

    #[test]
    fn gifts_of_older_kits_pass_unless_they_say_something() {
        let rules = rules("hold casino", Unmatched::Hold);
        assert_eq!(judge(&rules, &[gift("rose")]), Verdict::Allow);
        assert_eq!(judge(&rules, &[gift("casino")]), Verdict::Hold);
        assert_eq!(judge(&rules, &[gift("rose"), Element::text("hi")]), Verdict::Hold);
        assert_eq!(judge(&rules, &[Element::custom("TUIGift")]), Verdict::Hold);
        assert_eq!(judge(&rules, &[]), Verdict::Hold);
    }
}
