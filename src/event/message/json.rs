//! Elements as JSON: their kind, their content, and what stands beside the two.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed},
    ser::{SerializeMap, SerializeStruct},
};
use serde_json::{Map, Value};
use serde_with::DeserializeAs;

use super::{
    content::TextElem,
    element::Element,
    kind::{MsgType, OtherElem},
};
use crate::event::{
    kept::{Kept, SetAside},
    locate,
    packet::MSG_TYPE,
    unmodelled::{Extended, Extensible, Marked, Whole},
};

const MSG_CONTENT: &str = "MsgContent";

impl Serialize for Element {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn typed<S: Serializer>(
            serializer: S,
            kind: &MsgType,
            content: &(impl Serialize + Extensible),
        ) -> Result<S::Ok, S::Error> {
            let Some(beside) = content.unmodelled().beside() else {
                let mut element = serializer.serialize_struct("Element", 2)?;
                element.serialize_field(MSG_TYPE, kind)?;
                element.serialize_field(MSG_CONTENT, content)?;
                return element.end();
            };
            let mut element = serializer.serialize_map(Some(beside.len() + 2))?;
            element.serialize_entry(MSG_TYPE, kind)?;
            element.serialize_entry(MSG_CONTENT, content)?;
            for (name, value) in beside {
                element.serialize_entry(name, &Marked(value))?;
            }
            element.end()
        }

        let kind = self.msg_type();
        match self {
            Self::Text(content) => typed(serializer, kind, content),
            Self::Custom(content) => typed(serializer, kind, &**content),
            Self::Location(content) => typed(serializer, kind, &**content),
            Self::Face(content) => typed(serializer, kind, &**content),
            Self::Sound(content) => typed(serializer, kind, &**content),
            Self::Image(content) => typed(serializer, kind, &**content),
            Self::File(content) => typed(serializer, kind, &**content),
            Self::VideoFile(content) => typed(serializer, kind, &**content),
            Self::Relay(content) => typed(serializer, kind, &**content),
            Self::Other(other) => {
                let fields = &other.fields;
                let mut element = serializer.serialize_map(Some(fields.len() + 1))?;
                element.serialize_entry(MSG_TYPE, kind)?;
                for (name, value) in fields.iter().filter(|(name, _)| *name != MSG_TYPE) {
                    if name == MSG_CONTENT {
                        element.serialize_entry(name, &Whole(value))?;
                    } else {
                        element.serialize_entry(name, &Marked(value))?;
                    }
                }
                element.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ElementVisitor;

        impl<'de> de::Visitor<'de> for ElementVisitor {
            type Value = Element;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an element of a message")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut element: A) -> Result<Element, A::Error> {
                // Nearly every element is its kind, then its content, which is read straight into its type, and nothing
                // else.
                let (mut kind, mut content, mut next) = (None, None, element.next_key()?);
                if let Some(Field::MsgType) = next {
                    let first = element.next_value()?;
                    next = element.next_key()?;
                    if let Some(Field::MsgContent) = next {
                        let typed = element.next_value_seed(ContentOf(&first))?;
                        next = element.next_key()?;
                        if next.is_none() {
                            return Ok(typed);
                        }
                        content = Some(typed);
                    }
                    kind = Some(first);
                }
                in_any_order(element, kind, content, next)
            }
        }

        deserializer.deserialize_map(ElementVisitor)
    }
}

/// Field of an element.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum Field {
    MsgType,
    MsgContent,
    Beside(String),
}

/// Reads the rest of an element, from the value of the field `next` on. A content that comes before its kind is set
/// aside.
fn in_any_order<'de, A: de::MapAccess<'de>>(
    mut element: A,
    mut kind: Option<MsgType>,
    mut typed: Option<Element>,
    mut next: Option<Field>,
) -> Result<Element, A::Error> {
    let (mut aside, mut beside) = (None, Map::new());
    while let Some(field) = next {
        match (field, &kind) {
            (Field::MsgType, None) => kind = Some(element.next_value()?),
            (Field::MsgType, Some(_)) => return Err(de::Error::duplicate_field(MSG_TYPE)),
            (Field::MsgContent, _) if typed.is_some() || aside.is_some() => {
                return Err(de::Error::duplicate_field(MSG_CONTENT));
            }
            (Field::MsgContent, Some(kind)) => typed = Some(element.next_value_seed(ContentOf(kind))?),
            (Field::MsgContent, None) => aside = Some(element.next_value()?),
            (Field::Beside(name), _) => {
                let Kept(value) = element.next_value()?;
                beside.insert(name, value);
            }
        }
        next = element.next_key()?;
    }
    let kind = kind.ok_or_else(|| de::Error::missing_field(MSG_TYPE))?;
    let typed = match (typed, aside) {
        (Some(typed), _) => typed,
        (None, Some(SetAside { value, has_duplicates })) => {
            locate::kept_aside(MSG_CONTENT, &value, |content| {
                // Which of the values is meant, only another reader of the message knows.
                if has_duplicates && kind.is_recognized() {
                    let expected = &"an object without duplicate fields";
                    return Err(de::Error::invalid_value(de::Unexpected::Map, expected));
                }
                ContentOf(&kind).deserialize(content)
            })?
        }
        (None, None) if kind.is_recognized() => return Err(de::Error::missing_field(MSG_CONTENT)),
        (None, None) => OtherElem { msg_type: kind, fields: Map::new() }.into(),
    };
    Ok(if beside.is_empty() { typed } else { with_beside(typed, beside) })
}

/// Adds the fields that stand beside the kind and the content.
fn with_beside(mut element: Element, beside: Map<String, Value>) -> Element {
    let content: &mut dyn Extensible = match &mut element {
        Element::Text(content) => content,
        Element::Custom(content) => &mut **content,
        Element::Location(content) => &mut **content,
        Element::Face(content) => &mut **content,
        Element::Sound(content) => &mut **content,
        Element::Image(content) => &mut **content,
        Element::File(content) => &mut **content,
        Element::VideoFile(content) => &mut **content,
        Element::Relay(content) => &mut **content,
        Element::Other(other) => {
            other.fields.extend(beside);
            return element;
        }
    };
    content.unmodelled_mut().set_beside(beside);
    element
}

/// Reads the content of an element of the given kind.
struct ContentOf<'k>(&'k MsgType);

impl<'de> DeserializeSeed<'de> for ContentOf<'_> {
    type Value = Element;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, content: D) -> Result<Element, D::Error> {
        fn boxed<'de, T, D>(content: D) -> Result<Box<T>, D::Error>
        where
            T: Deserialize<'de> + Extensible,
            D: Deserializer<'de>,
        {
            Extended::deserialize_as(content).map(Box::new)
        }

        match self.0 {
            MsgType::TimTextElem => TextElem::read(content).map(Element::Text),
            MsgType::TimCustomElem => boxed(content).map(Element::Custom),
            MsgType::TimLocationElem => boxed(content).map(Element::Location),
            MsgType::TimFaceElem => boxed(content).map(Element::Face),
            MsgType::TimSoundElem => boxed(content).map(Element::Sound),
            MsgType::TimImageElem => boxed(content).map(Element::Image),
            MsgType::TimFileElem => boxed(content).map(Element::File),
            MsgType::TimVideoFileElem => boxed(content).map(Element::VideoFile),
            MsgType::TimRelayElem => boxed(content).map(Element::Relay),
            MsgType::Unrecognized(_) => {
                let Kept(content) = Deserialize::deserialize(content)?;
                let fields = Map::from_iter([(MSG_CONTENT.to_owned(), content)]);
                Ok(OtherElem { msg_type: self.0.clone(), fields }.into())
            }
        }
    }
}
