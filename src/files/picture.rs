//! Pictures of people, read and written anew: nothing but what is to be seen stays, and that small.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, ImageResult, Limits,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    imageops::FilterType,
};

/// The largest picture that is read, in bytes.
pub(crate) const BYTES_MAX: usize = 5 << 20;
/// The largest one as it is declared.
const PIXELS_MAX: u64 = 25_000_000;
/// The most memory that reading one takes.
const MEMORY: u64 = 128 << 20;
/// How wide and high one is in the end.
pub(crate) const SIDE: u32 = 256;
const QUALITY: u8 = 85;

/// A picture as it is served.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) bytes: Vec<u8>,
    /// How its name ends.
    pub(crate) extension: &'static str,
}

/// Why something is no picture for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PictureError {
    /// It does not begin as one of them does, whatever it is called.
    #[error("this is no JPEG, PNG or GIF")]
    Kind,
    /// It would take too much memory.
    #[error("this picture has more pixels than 25 million, or pixels of too many bytes")]
    Large,
    /// It begins as one, and cannot be read.
    #[error("this picture is damaged")]
    Damaged,
}

impl From<ImageError> for PictureError {
    fn from(error: ImageError) -> Self {
        if matches!(error, ImageError::Limits(_)) { Self::Large } else { Self::Damaged }
    }
}

/// The middle of a picture as a square, upright, without what else was in the file.
pub(crate) fn anew(bytes: &[u8]) -> Result<Picture, PictureError> {
    let format = image::guess_format(bytes).map_err(|_| PictureError::Kind)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Gif) {
        return Err(PictureError::Kind);
    }
    if declared(bytes, format).is_some_and(large) {
        return Err(PictureError::Large); // whether or not there is more than the declaration
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    if large(decoder.dimensions()) || decoder.total_bytes() > MEMORY {
        return Err(PictureError::Large);
    }
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?.resize_to_fill(SIDE, SIDE, FilterType::CatmullRom);
    image.apply_orientation(orientation);
    Ok(written(&image)?)
}

/// Whether so many pixels are too many.
fn large((width, height): (u32, u32)) -> bool {
    u64::from(width) * u64::from(height) > PIXELS_MAX
}

/// How wide and high a picture says it is, where that is said at a fixed place.
fn declared(bytes: &[u8], format: ImageFormat) -> Option<(u32, u32)> {
    let long = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let short = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?).into());
    match format {
        ImageFormat::Png => (bytes.get(12..16)? == b"IHDR").then_some((long(16)?, long(20)?)),
        ImageFormat::Gif => Some((short(6)?, short(8)?)),
        _ => None,
    }
}

/// As a JPEG, which is smaller, where nothing is to be seen through it.
fn written(image: &DynamicImage) -> ImageResult<Picture> {
    let pixels = image.to_rgba8();
    let mut bytes = Vec::new();
    if pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        DynamicImage::from(image.to_rgb8()).write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
        return Ok(Picture { bytes, extension: "jpg" });
    }
    DynamicImage::from(pixels).write_with_encoder(PngEncoder::new(&mut bytes))?;
    Ok(Picture { bytes, extension: "png" })
}
