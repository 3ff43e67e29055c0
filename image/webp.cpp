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

#include "image/formats.h"

namespace inpaintd {
namespace {

constexpr int lossless_level = 0;  // 0 is the fastest of 0..9

/// libwebp's decoder says no more than that it failed. malloc leaves its reason in errno, which is cleared before.
[[noreturn]] void broken(const char* what) {
  if (errno == ENOMEM) throw std::bad_alloc();
  refuse(ErrorCode::unsupported_image, std::string("the WebP file is broken: ") + what);
}

template <class T, auto free>
struct Freed {
  void operator()(T* pointer) const { free(pointer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, Freed<WebPDemuxer, WebPDemuxDelete>>;
using Animation = std::unique_ptr<WebPAnimDecoder, Freed<WebPAnimDecoder, WebPAnimDecoderDelete>>;
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

Pixels decode_first_frame(const WebPData& file, const WebPBitstreamFeatures& features) {
  const Animation animation(WebPAnimDecoderNew(&file, nullptr));
  std::uint8_t* canvas = nullptr;
  int timestamp = 0;
  if (!animation || !WebPAnimDecoderGetNext(animation.get(), &canvas, &timestamp)) broken("it has no first frame");
  Pixels samples(features.width, features.height, 4);
  std::copy_n(canvas, samples.bytes.size(), samples.bytes.data());
  return samples;
}

/// The writer writes to memory: it fails for want of it alone.
void check(const WebPPicture& picture, bool done) {
  if (done) return;
  const auto error = picture.error_code;
  if (error == VP8_ENC_ERROR_OUT_OF_MEMORY || error == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY ||
      error == VP8_ENC_ERROR_BAD_WRITE)
    throw std::bad_alloc();
  throw std::runtime_error("WebP encoder: error " + std::to_string(error));
}

void check(WebPMuxError result) {
  if (result == WEBP_MUX_MEMORY_ERROR) throw std::bad_alloc();
  if (result != WEBP_MUX_OK) throw std::runtime_error("WebP encoder: the ICC profile cannot be stored");
}

std::string with_profile(const WebPData& image, const std::string& icc) {
  const WebPData profile{reinterpret_cast<const std::uint8_t*>(icc.data()), icc.size()};
  const Mux mux(WebPMuxNew());
  if (!mux) throw std::bad_alloc();
  check(WebPMuxSetImage(mux.get(), &image, 0));
  check(WebPMuxSetChunk(mux.get(), "ICCP", &profile, 0));
  WebPData file{};
  check(WebPMuxAssemble(mux.get(), &file));
  const std::unique_ptr<WebPData, Freed<WebPData, WebPDataClear>> owner(&file);
  return {reinterpret_cast<const char*>(file.bytes), file.size};
}

WebPBitstreamFeatures features_of(Bytes file, const ImageLimits& limits) {
  errno = 0;
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK) broken("its header cannot be read");
  check_size(features.width, features.height, limits, ErrorCode::unsupported_image);
  return features;
}

}  // namespace

Header webp_header(Bytes file, const ImageLimits& limits) {
  const WebPBitstreamFeatures features = features_of(file, limits);
  const Size size{features.width, features.height};
  // An animation's first frame is drawn on one of two canvases and copied; lossless pixels and alpha are decoded apart.
  if (features.has_animation) return {size, 4, 16};
  constexpr int lossless = 2;
  const int channels = features.has_alpha ? 4 : 3;
  return {size, channels, channels + (features.format == lossless ? 4 : features.has_alpha ? 2 : 0)};
}

Frame read_webp(Bytes bytes, const ImageLimits& limits) {
  const WebPBitstreamFeatures features = features_of(bytes, limits);
  const WebPData file{bytes.data(), bytes.size()};
  const Demuxer chunks(WebPDemux(&file));
  if (!chunks) broken("it ends too early");
  Frame frame;
  frame.samples = features.has_animation ? decode_first_frame(file, features) : decode_still(file, features);
  frame.icc = chunk(chunks, "ICCP");
  frame.exif = chunk(chunks, "EXIF");
  return frame;
}

std::string write_webp(const Pixels& samples, const std::string& icc) {
  WebPConfig config;
  WebPConfigInit(&config);
  WebPConfigLosslessPreset(&config, lossless_level);
  config.exact = 1;  // keep the colours under transparent alpha
  Encoder encoder;
  encoder.picture.width = samples.width;
  encoder.picture.height = samples.height;
  const auto import = samples.channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB;
  check(encoder.picture, import(&encoder.picture, samples.bytes.data(), static_cast<int>(samples.stride())) &&
                             WebPEncode(&config, &encoder.picture));
  const WebPData image{encoder.memory.mem, encoder.memory.size};
  if (!icc.empty()) return with_profile(image, icc);
  return {reinterpret_cast<const char*>(image.bytes), image.size};
}

}  // namespace inpaintd
