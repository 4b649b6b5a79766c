//! What a message says, and where.

pub(crate) mod emoji;
mod json;

use serde::Deserialize;
use trtc_live_webhook::event::message::{CustomElem, Element};

/// Where a message says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a text or a custom element: part of what moderators are shown.
    Shown,
    /// In names, titles and data that go with the message.
    Beside,
}

/// What is done with each text: `Some` replaces it.
type Edit<'e> = dyn FnMut(Place, &str) -> Option<String> + 'e;

/// Levels of JSON in JSON that are looked into. The kits put the integrator's JSON into theirs.
const LEVELS: u8 = 1;

/// Shows every text of a message to the function, and puts what that returns in its place.
///
/// Returns whether the message may say what was not shown: an element is of an unknown kind, forwarded messages are elsewhere, or data
/// is nested too deeply or broken.
pub(crate) fn visit(elements: &mut [Element], custom_data: Option<&mut String>, edit: &mut Edit<'_>) -> bool {
    let mut hides = false;
    for element in elements {
        hides |= visit_element(element, edit);
    }
    if let Some(data) = custom_data {
        hides |= visit_data(Place::Beside, data, edit);
    }
    hides
}

fn visit_element(element: &mut Element, edit: &mut Edit<'_>) -> bool {
    let mut hides = false;
    let mut beside: Vec<&mut String> = Vec::new();
    match element {
        Element::Text(text) => visit_text(Place::Shown, &mut text.text, edit),
        Element::Custom(custom) => {
            if let Some(data) = &mut custom.data {
                hides |= visit_data(Place::Shown, data, edit);
            }
            beside.extend(custom.desc.as_mut());
            beside.extend(custom.ext.as_mut());
        }
        Element::Location(location) => beside.extend(location.desc.as_mut()),
        Element::Face(face) => beside.extend(face.data.as_mut()),
        Element::File(file) => beside.extend(file.file_name.as_mut()),
        Element::Relay(relay) => {
            // There may be others than those in the list.
            hides |= relay.json_msg_key.is_some();
            beside.extend(relay.title.as_mut());
            beside.extend(relay.compatible_text.as_mut());
            beside.extend(relay.abstract_list.iter_mut().flatten());
            for message in relay.msg_list.iter_mut().flatten() {
                let elements = message.msg_body.iter_mut().flatten();
                elements.for_each(|element| hides |= visit_element(element, edit));
                beside.extend(message.cloud_custom_data.as_mut());
            }
        }
        Element::Other(_) => hides = true,
        _ => {}
    }
    for data in beside {
        hides |= visit_data(Place::Beside, data, edit);
    }
    hides
}

fn visit_text(place: Place, text: &mut String, edit: &mut Edit<'_>) {
    if let Some(edited) = edit(place, text) {
        *text = edited;
    }
}

/// Visits what may be JSON: then its strings, with what they say rather than how they are escaped.
fn visit_data(place: Place, data: &mut String, edit: &mut Edit<'_>) -> bool {
    let Ok(rewritten) = json::rewrite(data, LEVELS, &mut |text| edit(place, text)) else {
        let hides = json::is_escaped(data);
        visit_text(place, data, edit);
        return hides;
    };
    if let Some(changed) = rewritten.changed {
        *data = changed;
    }
    rewritten.hides
}

/// Lists the elements of the messages that an element forwards.
pub(crate) fn forwarded(element: &Element) -> impl Iterator<Item = &Element> {
    let relay = if let Element::Relay(relay) = element { Some(relay) } else { None };
    let messages = relay.into_iter().flat_map(|relay| relay.msg_list.iter().flatten());
    messages.flat_map(|message| message.msg_body.iter().flatten())
}

/// Returns the whole text of a message: what is shown to moderators, and all that an approval sends again.
pub(crate) fn content(elements: &mut [Element]) -> String {
    let mut content = String::new();
    visit(elements, None, &mut |place, text| {
        if place == Place::Shown && !text.is_empty() {
            if !content.is_empty() {
                content.push('\n');
            }
            content.push_str(&clean(text));
        }
        None
    });
    content
}

/// Returns a text as it is stored: PostgreSQL stores any character but this one.
pub(crate) fn clean(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Returns what the application calls a custom element: gifts and likes of older kits have a name.
pub(crate) fn business_id(custom: &CustomElem) -> Option<String> {
    #[derive(Deserialize)]
    struct Data {
        #[serde(rename = "businessID", alias = "businessId", alias = "BusinessId")]
        business_id: String,
    }

    let data: Data = serde_json::from_str(custom.data.as_deref()?).ok()?;
    Some(data.business_id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trtc_live_webhook::event::message::{CustomElem, Element};

    use super::{Place, business_id, content, visit};

    fn elements(body: serde_json::Value) -> Vec<Element> {
        serde_json::from_value(body).unwrap()
    }

    fn custom(data: &serde_json::Value) -> Element {
        Element::custom(data.to_string())
    }

    #[test]
    fn the_content_is_the_whole_text() {
        let card = custom(&json!({ "BusinessId": "card", "Data": json!({ "title": "three" }).to_string() }));
        let mut body = vec![Element::text("one"), Element::text("two"), card, Element::custom("four")];
        assert_eq!(content(&mut body), "one\ntwo\ncard\nthree\nfour");
        let relay = json!([{ "MsgType": "TIMRelayElem", "MsgContent": { "Title": "chat", "MsgList": [
            { "MsgBody": [{ "MsgType": "TIMTextElem", "MsgContent": { "Text": "five" } }] },
        ] } }]);
        assert_eq!(content(&mut elements(relay)), "five");
        let image = json!([{ "MsgType": "TIMImageElem", "MsgContent": { "UUID": "u" } }]);
        assert_eq!(content(&mut elements(image)), "");
        assert_eq!(content(&mut [Element::text("a\0b")]), "a\u{FFFD}b");
    }

    #[test]
    fn every_text_is_visited() {
        let mut body = elements(json!([
            { "MsgType": "TIMTextElem", "MsgContent": { "Text": "a" } },
            { "MsgType": "TIMCustomElem", "MsgContent": { "Data": "{\"x\":\"b\"}", "Desc": "c", "Ext": "d" } },
            { "MsgType": "TIMLocationElem", "MsgContent": { "Desc": "e" } },
            { "MsgType": "TIMFaceElem", "MsgContent": { "Index": 1, "Data": "f" } },
            { "MsgType": "TIMFileElem", "MsgContent": { "FileName": "g" } },
            { "MsgType": "TIMRelayElem", "MsgContent": { "Title": "h", "CompatibleText": "i", "AbstractList": ["j"],
                "MsgList": [{ "CloudCustomData": "k", "MsgBody": [{ "MsgType": "TIMCustomElem", "MsgContent": { "Data": "l" } }] }] } },
        ]));
        let mut custom_data = r#"{"messageReply":{"messageAbstract":"m"}}"#.to_owned();
        let mut seen = Vec::new();
        visit(&mut body, Some(&mut custom_data), &mut |place, text| {
            seen.push(text.to_owned());
            assert_eq!(place == Place::Shown, ["a", "b", "l"].contains(&text), "{text}");
            Some(text.to_uppercase())
        });
        seen.sort();
        assert_eq!(seen.concat(), "abcdefghijklm");
        assert_eq!(custom_data, r#"{"messageReply":{"messageAbstract":"M"}}"#);
        let written = serde_json::to_string(&body).unwrap();
        for text in
            ["\"A\"", r#"{\"x\":\"B\"}"#, "\"C\"", "\"D\"", "\"E\"", "\"F\"", "\"G\"", "\"H\"", "\"L\""]
        {
            assert!(written.contains(text), "{text}: {written}");
        }
    }

    #[test]
    fn gifts_have_a_name() {
        let named = |data: &str| {
            let mut custom = CustomElem::new();
            custom.data = Some(data.to_owned());
            business_id(&custom)
        };
        assert_eq!(named(r#"{"businessID":"TUIGift","data":{"giftId":"1"}}"#).as_deref(), Some("TUIGift"));
        assert_eq!(
            named(r#"{"BusinessId":"violation_alert","Data":""}"#).as_deref(),
            Some("violation_alert")
        );
        assert_eq!(named(r#"{"businessID":"TUIGift","BusinessId":"other"}"#), None);
        assert_eq!(named("TUIGift"), None);
    }
}
