//! Conversions of contents into elements.

use super::{
    content::{CustomElem, FaceElem, LocationElem, TextElem},
    element::{Element, RelayElem},
    kind::OtherElem,
    media::{FileElem, ImageElem, SoundElem, VideoFileElem},
};

impl From<TextElem> for Element {
    fn from(element: TextElem) -> Self {
        Self::Text(element)
    }
}

impl From<CustomElem> for Element {
    fn from(element: CustomElem) -> Self {
        Self::Custom(Box::new(element))
    }
}

impl From<LocationElem> for Element {
    fn from(element: LocationElem) -> Self {
        Self::Location(Box::new(element))
    }
}

impl From<FaceElem> for Element {
    fn from(element: FaceElem) -> Self {
        Self::Face(Box::new(element))
    }
}

impl From<SoundElem> for Element {
    fn from(element: SoundElem) -> Self {
        Self::Sound(Box::new(element))
    }
}

impl From<ImageElem> for Element {
    fn from(element: ImageElem) -> Self {
        Self::Image(Box::new(element))
    }
}

impl From<FileElem> for Element {
    fn from(element: FileElem) -> Self {
        Self::File(Box::new(element))
    }
}

impl From<VideoFileElem> for Element {
    fn from(element: VideoFileElem) -> Self {
        Self::VideoFile(Box::new(element))
    }
}

impl From<RelayElem> for Element {
    fn from(element: RelayElem) -> Self {
        Self::Relay(Box::new(element))
    }
}

impl From<OtherElem> for Element {
    fn from(element: OtherElem) -> Self {
        Self::Other(Box::new(element))
    }
}
