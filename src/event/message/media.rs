//! Elements that carry media: sounds, images, files and videos.
//!
//! Documentation: <https://trtc.io/document/74355>

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use crate::{
    event::unmodelled::{Extended, Unmodelled, extensible},
    open_enum::open_enum,
};

/// Voice message, in [`Element::Sound`](super::Element::Sound).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SoundElem {
    /// Where the sound can be downloaded.
    pub url: Option<String>,
    /// Unique id of the sound.
    #[serde(rename = "UUID")]
    pub uuid: Option<String>,
    /// Size in bytes.
    pub size: Option<i64>,
    /// Length in seconds.
    pub second: Option<i64>,
    /// How the sound can be downloaded. 2, the only documented value: from the URL.
    #[serde(rename = "Download_Flag")]
    pub download_flag: Option<i64>,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

/// Image in several sizes, in [`Element::Image`](super::Element::Image).
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ImageElem {
    /// Unique id of the image.
    #[serde(rename = "UUID")]
    pub uuid: Option<String>,
    /// Format of the image.
    pub image_format: Option<ImageFormat>,
    /// Sizes of the image: the original, a large one, a thumbnail.
    #[serde_as(as = "Option<Vec<Extended>>")]
    pub image_info_array: Option<Vec<ImageInfo>>,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

/// One size of an image, in [`ImageElem`].
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ImageInfo {
    /// Which size it is.
    pub r#type: Option<ImageType>,
    /// Size in bytes.
    pub size: Option<i64>,
    /// Width in pixels. 0 in the documented samples of all but the original.
    pub width: Option<i64>,
    /// Height in pixels. 0 in the documented samples of all but the original.
    pub height: Option<i64>,
    /// Where this size can be downloaded.
    #[serde(rename = "URL")]
    pub url: Option<String>,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

/// File, in [`Element::File`](super::Element::File).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FileElem {
    /// Where the file can be downloaded.
    pub url: Option<String>,
    /// Unique id of the file.
    #[serde(rename = "UUID")]
    pub uuid: Option<String>,
    /// Size in bytes.
    pub file_size: Option<i64>,
    /// Name of the file, which may be a path or a URL on the sender's device.
    pub file_name: Option<String>,
    /// How the file can be downloaded. 2, the only documented value: from the URL.
    #[serde(rename = "Download_Flag")]
    pub download_flag: Option<i64>,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

/// Video with a thumbnail, in [`Element::VideoFile`](super::Element::VideoFile).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct VideoFileElem {
    /// Where the video can be downloaded.
    pub video_url: Option<String>,
    /// Unique id of the video.
    #[serde(rename = "VideoUUID")]
    pub video_uuid: Option<String>,
    /// Size of the video in bytes.
    pub video_size: Option<i64>,
    /// Length of the video in seconds.
    pub video_second: Option<i64>,
    /// Format of the video, such as `mp4`.
    pub video_format: Option<String>,
    /// How the video can be downloaded. 2, the only documented value: from the URL.
    pub video_download_flag: Option<i64>,
    /// Where the thumbnail can be downloaded.
    pub thumb_url: Option<String>,
    /// Unique id of the thumbnail.
    #[serde(rename = "ThumbUUID")]
    pub thumb_uuid: Option<String>,
    /// Size of the thumbnail in bytes.
    pub thumb_size: Option<i64>,
    /// Width of the thumbnail in pixels.
    pub thumb_width: Option<i64>,
    /// Height of the thumbnail in pixels.
    pub thumb_height: Option<i64>,
    /// Format of the thumbnail, such as `JPG`.
    pub thumb_format: Option<String>,
    /// How the thumbnail can be downloaded. 2, the only documented value: from the URL.
    pub thumb_download_flag: Option<i64>,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

impl SoundElem {
    /// Creates an empty `SoundElem`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl ImageElem {
    /// Creates an empty `ImageElem`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl ImageInfo {
    /// Creates an empty `ImageInfo`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl FileElem {
    /// Creates an empty `FileElem`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl VideoFileElem {
    /// Creates an empty `VideoFileElem`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

extensible!(SoundElem, ImageElem, ImageInfo, FileElem, VideoFileElem);

open_enum! {
    /// Format of an image.
    pub enum ImageFormat: i64 {
        /// JPEG.
        Jpg = 1,
        /// GIF.
        Gif = 2,
        /// PNG.
        Png = 3,
        /// Bitmap.
        Bmp = 4,
        /// Another format. A real value, unlike `Unrecognized`.
        Other = 255,
    }
}

open_enum! {
    /// Size of an image.
    pub enum ImageType: i64 {
        /// Original image.
        Original = 1,
        /// Large image.
        Large = 2,
        /// Thumbnail.
        Thumbnail = 3,
    }
}
