// SPDX-License-Identifier: Apache-2.0
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "image/formats.h"

namespace inpaintd {
namespace {

constexpr int lossless_level = 0;  // 0 is the fastest of 0..9

[[noreturn]] void broken(const char* what) {
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

std::string with_profile(const WebPData& image, const std::string& icc) {
  const WebPData profile{reinterpret_cast<const std::uint8_t*>(icc.data()), icc.size()};
  const Mux mux(WebPMuxNew());
  WebPData file{};
  const bool done = mux && WebPMuxSetImage(mux.get(), &image, 0) == WEBP_MUX_OK &&
                    WebPMuxSetChunk(mux.get(), "ICCP", &profile, 0) == WEBP_MUX_OK &&
                    WebPMuxAssemble(mux.get(), &file) == WEBP_MUX_OK;
  if (!done) throw std::runtime_error("WebP encoder: the ICC profile cannot be stored");
  std::string bytes(reinterpret_cast<const char*>(file.bytes), file.size);
  WebPDataClear(&file);
  return bytes;
}

}  // namespace

Frame read_webp(Bytes bytes, const ImageLimits& limits) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK) broken("its header cannot be read");
  check_size(features.width, features.height, limits, ErrorCode::unsupported_image);
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
  if (!import(&encoder.picture, samples.bytes.data(), static_cast<int>(samples.stride())) ||
      !WebPEncode(&config, &encoder.picture))
    throw std::runtime_error("WebP encoder: error " + std::to_string(encoder.picture.error_code));
  const WebPData image{encoder.memory.mem, encoder.memory.size};
  if (!icc.empty()) return with_profile(image, icc);
  return {reinterpret_cast<const char*>(image.bytes), image.size};
}

}  // namespace inpaintd
