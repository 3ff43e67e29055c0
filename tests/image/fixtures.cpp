// SPDX-License-Identifier: Apache-2.0
#include "tests/image/fixtures.h"

#include <cstdio>
#include <cstdlib>
#include <random>
// jpeglib.h needs FILE declared before it.
#include <jpeglib.h>
#include <lcms2.h>
#include <png.h>
#include <webp/encode.h>
#include <webp/mux.h>

namespace inpaintd::fixtures {
namespace {

png_bytep bytes_of(const std::string& text) {
  return const_cast<png_bytep>(reinterpret_cast<png_const_bytep>(text.data()));
}

void append(png_structp png, png_bytep data, std::size_t count) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(data), count);
}

std::string saved(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  std::string result(size, '\0');
  cmsSaveProfileToMem(profile, result.data(), &size);
  cmsCloseProfile(profile);
  return result;
}

WebPPicture argb(const Pixels& rgba) {
  WebPPicture picture;
  WebPPictureInit(&picture);
  picture.use_argb = 1;
  picture.width = rgba.width;
  picture.height = rgba.height;
  WebPPictureImportRGBA(&picture, rgba.bytes.data(), static_cast<int>(rgba.stride()));
  return picture;
}

}  // namespace

Pixels pixels(int width, int height, int channels, std::initializer_list<int> samples) {
  Pixels result(width, height, channels);
  std::size_t i = 0;
  for (const int sample : samples) result.bytes.at(i++) = static_cast<std::uint8_t>(sample);
  return result;
}

Pixels noise(int width, int height, int channels, unsigned seed) {
  Pixels result(width, height, channels);
  std::mt19937 random(seed);
  for (auto& sample : result.bytes) sample = static_cast<std::uint8_t>(random());
  return result;
}

Pixels mask(std::initializer_list<std::string_view> rows) {
  Pixels result(static_cast<int>(rows.begin()->size()), static_cast<int>(rows.size()), 1);
  std::size_t i = 0;
  for (const auto row : rows)
    for (const char c : row) result.bytes.at(i++) = c == '#' ? 255 : 0;
  return result;
}

std::string png(const PngFile& spec) {
  std::string file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, append, nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(spec.width), static_cast<png_uint_32>(spec.height), spec.depth,
               spec.color_type, spec.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
  png_set_check_for_invalid_index(png, 0);
  if (!spec.palette.empty())
    png_set_PLTE(png, info, reinterpret_cast<png_const_colorp>(spec.palette.data()),
                 static_cast<int>(spec.palette.size() / 3));
  png_color_16 transparent{};
  transparent.gray = static_cast<png_uint_16>(spec.transparent_grey);
  if (spec.transparent_rgb.size() == 3) {
    transparent.red = spec.transparent_rgb[0];
    transparent.green = spec.transparent_rgb[1];
    transparent.blue = spec.transparent_rgb[2];
  }
  if (!spec.transparent.empty() || !spec.transparent_rgb.empty() || spec.transparent_grey >= 0)
    png_set_tRNS(png, info, spec.transparent.data(), static_cast<int>(spec.transparent.size()), &transparent);
  if (!spec.icc.empty())
    png_set_iCCP(png, info, "icc", 0, bytes_of(spec.icc), static_cast<png_uint_32>(spec.icc.size()));
  if (!spec.exif.empty()) png_set_eXIf_1(png, info, static_cast<png_uint_32>(spec.exif.size()), bytes_of(spec.exif));
  png_write_info_before_PLTE(png, info);
  const auto write = [&](const std::vector<PngFile::Chunk>& chunks) {
    for (const auto& [name, data] : chunks)
      png_write_chunk(png, reinterpret_cast<png_const_bytep>(name.data()), bytes_of(data), data.size());
  };
  write(spec.chunks);
  png_write_info(png, info);
  std::vector<png_bytep> rows;
  for (int y = 0; y < spec.height; ++y)
    rows.push_back(const_cast<png_bytep>(spec.data.data()) + static_cast<std::size_t>(y) * png_get_rowbytes(png, info));
  png_write_image(png, rows.data());
  write(spec.last_chunks);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

std::string png(const Pixels& samples, const std::string& icc, const std::string& exif) {
  constexpr int color_types[] = {0, 4, 2, 6};
  PngFile spec;
  spec.width = samples.width;
  spec.height = samples.height;
  spec.color_type = color_types[samples.channels - 1];
  spec.data = samples.bytes;
  spec.icc = icc;
  spec.exif = exif;
  return png(spec);
}

std::string jpeg(const Pixels& samples, const JpegSpec& spec) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &data, &size);
  jpeg.image_width = static_cast<JDIMENSION>(samples.width);
  jpeg.image_height = static_cast<JDIMENSION>(samples.height);
  jpeg.input_components = samples.channels;
  jpeg.in_color_space = samples.channels == 1 ? JCS_GRAYSCALE : samples.channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, spec.quality, TRUE);
  if (spec.store_rgb) jpeg_set_colorspace(&jpeg, JCS_RGB);
  if (spec.ycck) jpeg_set_colorspace(&jpeg, JCS_YCCK);
  if (spec.luma_horizontal > 0) jpeg.comp_info[0].h_samp_factor = spec.luma_horizontal;
  if (spec.luma_vertical > 0) jpeg.comp_info[0].v_samp_factor = spec.luma_vertical;
  jpeg.optimize_coding = spec.optimized ? TRUE : FALSE;
  if (spec.progressive) jpeg_simple_progression(&jpeg);
  constexpr jpeg_scan_info scans[]{{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
  if (spec.separate_scans) {
    jpeg.scan_info = scans;
    jpeg.num_scans = 3;
  }
  jpeg.restart_in_rows = spec.restarts ? 1 : 0;
  jpeg.arith_code = spec.arithmetic ? TRUE : FALSE;
  jpeg_start_compress(&jpeg, TRUE);
  if (!spec.exif.empty())
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1, bytes_of(spec.exif), static_cast<unsigned>(spec.exif.size()));
  if (!spec.icc.empty()) jpeg_write_icc_profile(&jpeg, bytes_of(spec.icc), static_cast<unsigned>(spec.icc.size()));
  for (int y = 0; y < samples.height; ++y) {
    auto* row = const_cast<JSAMPLE*>(samples.row(y));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::string file(reinterpret_cast<const char*>(data), size);
  jpeg_destroy_compress(&jpeg);
  std::free(data);
  return file;
}

std::string webp(const Pixels& samples, const std::string& icc, const std::string& exif) {
  std::uint8_t* data = nullptr;
  const auto encode = samples.channels == 4 ? WebPEncodeLosslessRGBA : WebPEncodeLosslessRGB;
  const auto size =
      encode(samples.bytes.data(), samples.width, samples.height, static_cast<int>(samples.stride()), &data);
  std::string file(reinterpret_cast<const char*>(data), size);
  WebPFree(data);
  return icc.empty() && exif.empty() ? file : with_chunks(file, {{"ICCP", icc}, {"EXIF", exif}});
}

std::string with_chunks(const std::string& image, const std::vector<PngFile::Chunk>& chunks) {
  WebPMux* mux = WebPMuxNew();
  const WebPData data{bytes_of(image), image.size()};
  WebPMuxSetImage(mux, &data, 1);
  for (const auto& [name, content] : chunks) {
    const WebPData value{bytes_of(content), content.size()};
    if (!content.empty()) WebPMuxSetChunk(mux, name.c_str(), &value, 1);
  }
  WebPData out{};
  WebPMuxAssemble(mux, &out);
  std::string result(reinterpret_cast<const char*>(out.bytes), out.size);
  WebPDataClear(&out);
  WebPMuxDelete(mux);
  return result;
}

std::string lossy_webp(const Pixels& samples, int quality) {
  std::uint8_t* data = nullptr;
  const auto encode = samples.channels == 4 ? WebPEncodeRGBA : WebPEncodeRGB;
  const auto size = encode(samples.bytes.data(), samples.width, samples.height, static_cast<int>(samples.stride()),
                           static_cast<float>(quality), &data);
  std::string file(reinterpret_cast<const char*>(data), size);
  WebPFree(data);
  return file;
}

std::string animated_webp(const Pixels& first_rgba, const Pixels& second_rgba) {
  WebPAnimEncoder* encoder = WebPAnimEncoderNew(first_rgba.width, first_rgba.height, nullptr);
  WebPConfig config;
  WebPConfigInit(&config);
  config.lossless = 1;
  int time = 0;
  for (const Pixels* frame : {&first_rgba, &second_rgba}) {
    WebPPicture picture = argb(*frame);
    WebPAnimEncoderAdd(encoder, &picture, time, &config);
    WebPPictureFree(&picture);
    time += 100;
  }
  WebPAnimEncoderAdd(encoder, nullptr, time, nullptr);
  WebPData out{};
  WebPAnimEncoderAssemble(encoder, &out);
  std::string file(reinterpret_cast<const char*>(out.bytes), out.size);
  WebPDataClear(&out);
  WebPAnimEncoderDelete(encoder);
  return file;
}

std::string exif(int orientation, bool big_endian) {
  const char value = static_cast<char>(orientation);
  if (big_endian)  // TIFF head; at offset 8 one entry: tag 0x112, type SHORT, one value
    return std::string("MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19) + value + std::string(6, '\0');
  return std::string("II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18) + value + std::string(7, '\0');
}

std::string rgb_profile() {
  static const std::string profile =
      saved(cmsCreate_sRGBProfile());  // made once, because it contains the time of its creation
  return profile;
}

std::vector<PngFile::Chunk> chunks_of(std::string_view png) {
  std::vector<PngFile::Chunk> chunks;
  for (std::size_t at = 8; at + 12 <= png.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<std::uint8_t>(png[at + i]);
    chunks.emplace_back(png.substr(at + 4, 4), png.substr(at + 8, length));
    at += length + 12;
  }
  return chunks;
}

namespace {

std::string matrix_profile(const cmsCIExyYTRIPLE& primaries, cmsToneCurve* curve) {
  const cmsCIExyY white{0.3127, 0.3290, 1};
  cmsToneCurve* curves[]{curve, curve, curve};
  std::string profile = saved(cmsCreateRGBProfile(&white, &primaries, curves));
  cmsFreeToneCurve(curve);
  return profile;
}

}  // namespace

std::string p3_profile() {
  constexpr cmsFloat64Number curve[]{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  static const std::string profile = matrix_profile({{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}},
                                                    cmsBuildParametricToneCurve(nullptr, 4, curve));
  return profile;
}

std::string linear_profile() {
  static const std::string profile =
      matrix_profile({{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}}, cmsBuildGamma(nullptr, 1.0));
  return profile;
}

std::string grey_profile() {
  cmsToneCurve* curve = cmsBuildGamma(nullptr, 2.2);
  static const std::string profile = saved(cmsCreateGrayProfile(cmsD50_xyY(), curve));
  cmsFreeToneCurve(curve);
  return profile;
}

}  // namespace inpaintd::fixtures
