// SPDX-License-Identifier: Apache-2.0
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <stdexcept>

#include "image/formats/formats.h"

namespace inpaintd {
namespace {

constexpr int lossless_level = 0;  // 0 is the fastest of 0..9
constexpr int lossy_method = 2;    // of 0..6; 4, the default, takes twice as long and saves 6 % of the bytes

/// Refuses the file, or reports a failed allocation. The decoder of libwebp does not tell these failures apart; malloc
/// sets errno, which is cleared before.
[[noreturn]] void broken(const char* what) {
  if (errno == ENOMEM) throw std::bad_alloc();
  refuse_broken("WebP", what);
}

template <class T, auto free>
struct Freed {
  void operator()(T* pointer) const { free(pointer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, Freed<WebPDemuxer, WebPDemuxDelete>>;
using Mux = std::unique_ptr<WebPMux, Freed<WebPMux, WebPMuxDelete>>;

struct Encoder {
  WebPPicture picture{};
  WebPMemoryWriter memory{};
  Encoder() {
    WebPPictureInit(&picture);
    WebPMemoryWriterInit(&memory);
    picture.use_argb = 1;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &memory;
  }
  Encoder(const Encoder&) = delete;
  ~Encoder() {
    WebPPictureFree(&picture);
    WebPMemoryWriterClear(&memory);
  }
};

std::string chunk(const Demuxer& file, const char* name) {
  WebPChunkIterator found;
  if (!WebPDemuxGetChunk(file.get(), name, 1, &found)) return {};
  std::string bytes(reinterpret_cast<const char*>(found.chunk.bytes), found.chunk.size);
  WebPDemuxReleaseChunkIterator(&found);
  return bytes;
}

Pixels decode_still(const WebPData& file, const WebPBitstreamFeatures& features) {
  Pixels samples(features.width, features.height, features.has_alpha ? 4 : 3);
  const auto decode = features.has_alpha ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  if (!decode(file.bytes, file.size, samples.bytes.data(), samples.bytes.size(), static_cast<int>(samples.stride())))
    broken("its data cannot be decoded");
  return samples;
}

/// Decodes the first frame of an animation. The canvas outside of the frame is transparent.
Pixels decode_on_canvas(const WebPIterator& frame, const WebPBitstreamFeatures& features) {
  Pixels samples(features.width, features.height, 4);
  const std::size_t begin =
      static_cast<std::size_t>(frame.y_offset) * samples.stride() + static_cast<std::size_t>(frame.x_offset) * 4;
  if (!WebPDecodeRGBAInto(frame.fragment.bytes, frame.fragment.size, samples.bytes.data() + begin,
                          samples.bytes.size() - begin, static_cast<int>(samples.stride())))
    broken("its first frame cannot be decoded");
  return samples;
}

/// The first frame, or the still picture. The end of the file may be missing: a file that is truncated after its
/// pixels, such as in EXIF data or before the padding byte, has them all.
Pixels decode_first_frame(const Demuxer& file, const WebPBitstreamFeatures& features) {
  WebPIterator frame;
  if (!WebPDemuxGetFrame(file.get(), 1, &frame)) broken("it has no first frame");
  const std::unique_ptr<WebPIterator, Freed<WebPIterator, WebPDemuxReleaseIterator>> owner(&frame);
  if (!frame.complete) broken("it ends too early");
  return features.has_animation ? decode_on_canvas(frame, features) : decode_still(frame.fragment, features);
}

/// The chunks of a file, of which the last ones may be missing, except announced EXIF data, which may hold the
/// orientation.
Demuxer demux(const WebPData& file) {
  Demuxer chunks(WebPDemux(&file));
  if (chunks) return chunks;
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  chunks.reset(WebPDemuxPartial(&file, &state));
  if (!chunks) broken("it ends too early");
  if ((WebPDemuxGetI(chunks.get(), WEBP_FF_FORMAT_FLAGS) & EXIF_FLAG) && chunk(chunks, "EXIF").empty())
    broken("it ends before its EXIF data");
  return chunks;
}

/// Checks an import or the encoding. The writer writes to memory and fails only when memory runs out. An import for
/// which memory runs out may report no error code.
void check(const WebPPicture& picture, bool done) {
  if (done) return;
  const auto error = picture.error_code;
  if (error == VP8_ENC_OK || error == VP8_ENC_ERROR_OUT_OF_MEMORY || error == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY ||
      error == VP8_ENC_ERROR_BAD_WRITE)
    throw std::bad_alloc();
  fail_encoding("WebP", "error " + std::to_string(error));
}

/// Checks that the file is complete: libwebp 1.2.4 reports success, with a truncated file, when memory for its bit
/// writer runs out. Because errno may also stem from an allocation that was repeated with success, the file is decoded.
void check_complete(const WebPData& file, const Pixels& samples) {
  if (errno != ENOMEM) return;
  Pixels again(samples.width, samples.height, 4);
  if (!WebPDecodeRGBAInto(file.bytes, file.size, again.bytes.data(), again.bytes.size(),
                          static_cast<int>(again.stride())))
    throw std::bad_alloc();
}

/// Checks a result of the muxer, which has several codes for a failed allocation.
void check(WebPMuxError result) {
  if (result == WEBP_MUX_OK) return;
  if (errno == ENOMEM) throw std::bad_alloc();
  fail_encoding("WebP", "the metadata cannot be stored");
}

WebPBitstreamFeatures features_of(Bytes file, const ImageLimits& limits) {
  errno = 0;
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK) broken("its header cannot be read");
  check_size(features.width, features.height, limits, ErrorCode::unsupported_image);
  return features;
}

/// The coding of the first frame, or of the still picture.
std::optional<int> quality_of(const Demuxer& file) {
  WebPIterator frame;
  if (!WebPDemuxGetFrame(file.get(), 1, &frame)) return std::nullopt;
  const std::unique_ptr<WebPIterator, Freed<WebPIterator, WebPDemuxReleaseIterator>> owner(&frame);
  return webp_quality({frame.fragment.bytes, frame.fragment.size});
}

}  // namespace

Header webp_header(Bytes file, const ImageLimits& limits) {
  const WebPBitstreamFeatures features = features_of(file, limits);
  const Size size{features.width, features.height};
  // Lossless pixels and alpha are decoded separately before they are joined. The header of an animation does not tell
  // whether its frames are lossless.
  constexpr int lossy = 1;
  const int channels = features.has_alpha || features.has_animation ? 4 : 3;
  return {size, channels, channels + (features.format != lossy ? 4 : features.has_alpha ? 2 : 0)};
}

Frame read_webp(Bytes bytes, const ImageLimits& limits) {
  const WebPBitstreamFeatures features = features_of(bytes, limits);
  const WebPData file{bytes.data(), bytes.size()};
  const Demuxer chunks = demux(file);
  Frame frame;
  constexpr int lossless = 2;
  frame.exact = features.format == lossless;
  frame.samples = decode_first_frame(chunks, features);
  frame.icc = chunk(chunks, "ICCP");
  frame.exif = chunk(chunks, "EXIF");
  frame.coding.quality = quality_of(chunks);
  return frame;
}

std::string write_webp(const Pixels& samples, const std::string& icc, std::optional<int> quality) {
  WebPConfig config;
  WebPConfigInit(&config);
  if (quality) {
    config.quality = static_cast<float>(*quality);
    config.method = lossy_method;
  } else {
    WebPConfigLosslessPreset(&config, lossless_level);
  }
  config.exact = 1;  // keep the colours under transparent alpha
  errno = 0;
  Encoder encoder;
  encoder.picture.width = samples.width;
  encoder.picture.height = samples.height;
  const auto import = samples.channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB;
  check(encoder.picture, import(&encoder.picture, samples.bytes.data(), static_cast<int>(samples.stride())) &&
                             WebPEncode(&config, &encoder.picture));
  const WebPData image{encoder.memory.mem, encoder.memory.size};
  check_complete(image, samples);
  std::string file(reinterpret_cast<const char*>(image.bytes), image.size);
  return icc.empty() ? file : with_metadata(file, {.icc = icc, .exif = {}, .xmp = {}});
}

WebpMetadata webp_metadata(Bytes bytes) {
  const WebPData file{bytes.data(), bytes.size()};
  const Demuxer chunks = demux(file);
  const auto flags = WebPDemuxGetI(chunks.get(), WEBP_FF_FORMAT_FLAGS);
  return {chunk(chunks, "ICCP"), chunk(chunks, "EXIF"), chunk(chunks, "XMP "), (flags & ANIMATION_FLAG) != 0};
}

std::string with_metadata(const std::string& encoded, const WebpMetadata& metadata) {
  const auto data_of = [](const std::string& text) {
    return WebPData{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  };
  const WebPData image = data_of(encoded);
  errno = 0;
  const Mux mux(WebPMuxCreate(&image, 0));
  if (!mux) throw std::bad_alloc();
  const std::pair<const char*, const std::string*> chunks[]{
      {"ICCP", &metadata.icc}, {"EXIF", &metadata.exif}, {"XMP ", &metadata.xmp}};
  for (const auto& [name, text] : chunks)
    if (const WebPData data = data_of(*text); data.size > 0) check(WebPMuxSetChunk(mux.get(), name, &data, 0));
  WebPData file{};
  check(WebPMuxAssemble(mux.get(), &file));
  const std::unique_ptr<WebPData, Freed<WebPData, WebPDataClear>> owner(&file);
  return {reinterpret_cast<const char*>(file.bytes), file.size};
}

}  // namespace inpaintd
