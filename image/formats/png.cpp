// SPDX-License-Identifier: Apache-2.0
#include <png.h>
#include <zlib.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <vector>

#include "image/formats/formats.h"
#include "image/formats/png_image.h"

namespace inpaintd {
namespace {

/// The allocator of libpng. It records a failed allocation, which libpng reports as a broken file or ignores by leaving
/// out a profile.
struct Memory {
  bool failed = false;

  static png_voidp take(png_structp png, png_alloc_size_t size) {
    void* memory = std::malloc(size);
    if (!memory) static_cast<Memory*>(png_get_mem_ptr(png))->failed = true;
    return memory;
  }
  static void give_back(png_structp, png_voidp memory) { std::free(memory); }
  void check() const {
    if (failed) throw std::bad_alloc();
  }
};

void check_memory(png_structp png) { static_cast<Memory*>(png_get_mem_ptr(png))->check(); }

/// Ignores the warnings of libpng, because missing or damaged pixels are errors. Warnings concern everything else:
/// broken, misplaced or unknown chunks beside the pixels (which are left out), bytes after the pixels, and a wrong
/// second checksum of pixels whose first checksum was right.
void on_warning(png_structp, png_const_charp) {}

[[noreturn]] void on_read_error(png_structp png, png_const_charp message) {
  check_memory(png);
  refuse_broken("PNG", message);
}

[[noreturn]] void on_write_error(png_structp png, png_const_charp message) {
  check_memory(png);
  fail_encoding("PNG", message);
}

struct Reader {
  Memory memory;
  png_structp png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, nullptr, on_read_error, on_warning, &memory,
                                             Memory::take, Memory::give_back);
  png_infop info = png_create_info_struct(png);
  Reader() = default;
  Reader(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

struct Writer {
  Memory memory;
  png_structp png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, nullptr, on_write_error, on_warning, &memory,
                                              Memory::take, Memory::give_back);
  png_infop info = png_create_info_struct(png);
  Writer() = default;
  Writer(const Writer&) = delete;
  ~Writer() { png_destroy_write_struct(&png, &info); }
};

void take_bytes(png_structp png, png_bytep out, std::size_t count) {
  Bytes& rest = *static_cast<Bytes*>(png_get_io_ptr(png));
  if (count > rest.size()) png_error(png, "it ends too early");
  std::memcpy(out, rest.data(), count);
  rest = rest.subspan(count);
}

void give_bytes(png_structp png, png_bytep bytes, std::size_t count) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(bytes), count);
}

/// Sets the form of the samples. Expanded samples have 8 bits per channel and no palette; 16-bit samples are rounded to
/// v / 257. Stored samples have one or two bytes each.
void ask_for(const Reader& reader, Samples samples) {
  if (samples == Samples::expanded) {
    png_set_expand(reader.png);
    png_set_scale_16(reader.png);
  } else {
    png_set_packing(reader.png);
    if (std::endian::native == std::endian::little) png_set_swap(reader.png);
  }
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
}

std::vector<Colour> palette_of(const Reader& reader) {
  png_colorp colours = nullptr;
  int count = 0;
  if (!png_get_PLTE(reader.png, reader.info, &colours, &count)) return {};
  std::vector<Colour> palette;
  for (int i = 0; i < count; ++i) palette.push_back({colours[i].red, colours[i].green, colours[i].blue});
  return palette;
}

/// Reads what libpng takes for the transparency of stored samples.
void read_transparency(const Reader& reader, Frame& frame) {
  png_bytep alphas = nullptr;
  int count = 0;
  png_color_16p colour = nullptr;
  if (!png_get_tRNS(reader.png, reader.info, &alphas, &count, &colour)) return;
  const unsigned bits = (1U << frame.depth) - 1;  // the others are ignored
  const auto sample = [bits](unsigned value) { return static_cast<std::uint16_t>(value & bits); };
  if (!frame.palette.empty())
    frame.alphas.assign(alphas, alphas + count);
  else if (png_get_color_type(reader.png, reader.info) == PNG_COLOR_TYPE_GRAY)
    frame.transparent = {sample(colour->gray)};
  else
    frame.transparent = {sample(colour->red), sample(colour->green), sample(colour->blue)};
}

void read_metadata(const Reader& reader, Frame& frame) {
  png_charp name = nullptr;
  int compression = 0;
  png_bytep bytes = nullptr;
  png_uint_32 count = 0;
  if (png_get_iCCP(reader.png, reader.info, &name, &compression, &bytes, &count))
    frame.icc.assign(reinterpret_cast<const char*>(bytes), count);
  if (png_get_eXIf_1(reader.png, reader.info, &count, &bytes))
    frame.exif.assign(reinterpret_cast<const char*>(bytes), count);
}

/// Reads the chunks after the pixels. Errors there are ignored: all pixels were read and their checksums were right, so
/// a missing or wrong chunk after them, such as the end marker, affects no pixel.
void read_rest(const Reader& reader) {
  try {
    png_read_end(reader.png, reader.info);
  } catch (const Refused&) {
  }
}

template <class Byte, class Image>
std::vector<Byte*> rows_of(Image& image) {
  std::vector<Byte*> rows(static_cast<std::size_t>(image.height));
  for (int y = 0; y < image.height; ++y) rows[static_cast<std::size_t>(y)] = const_cast<Byte*>(image.row(y));
  return rows;
}

/// Reads everything before the pixels.
Header open(Reader& reader, Bytes& file, const ImageLimits& limits, Samples samples) {
  reader.memory.check();  // libpng ignores all calls without these structures
  png_set_read_fn(reader.png, &file, take_bytes);
  png_set_user_limits(reader.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_size has the better error text
  png_set_chunk_cache_max(reader.png, 1);  // skips text chunks: compressed ones could fill the memory
  png_read_info(reader.png, reader.info);
  const png_uint_32 width = png_get_image_width(reader.png, reader.info);
  const png_uint_32 height = png_get_image_height(reader.png, reader.info);
  check_size(width, height, limits, ErrorCode::unsupported_image);
  Header header;
  header.size = {static_cast<int>(width), static_cast<int>(height)};
  header.depth = png_get_bit_depth(reader.png, reader.info);
  header.stored = png_get_channels(reader.png, reader.info) * (header.depth == 16 ? 2 : 1);
  header.indexed = png_get_color_type(reader.png, reader.info) == PNG_COLOR_TYPE_PALETTE;
  constexpr std::size_t copied = 3 * sizeof(std::uint16_t);  // RGB beside the stored samples
  if (header.depth == 16)
    header.copying = std::size_t{width} * height * (static_cast<std::size_t>(header.stored) + copied);
  ask_for(reader, samples);
  header.channels = header.decoding = png_get_channels(reader.png, reader.info);
  return header;
}

}  // namespace

Header png_header(Bytes file, const ImageLimits& limits) {
  Reader reader;
  return open(reader, file, limits, Samples::expanded);
}

Frame read_png(Bytes file, const ImageLimits& limits, Samples samples) {
  Reader reader;
  Bytes rest = file;
  const Header header = open(reader, rest, limits, samples);
  Frame frame;
  frame.exact = true;
  if (samples == Samples::stored) frame.depth = header.depth;
  if (header.indexed) frame.palette = palette_of(reader);
  if (samples == Samples::stored) read_transparency(reader, frame);
  frame.samples =
      Pixels(header.size.width, header.size.height, samples == Samples::stored ? header.stored : header.channels);
  auto rows = rows_of<png_byte>(frame.samples);
  png_read_image(reader.png, rows.data());
  read_rest(reader);
  read_metadata(reader, frame);
  reader.memory.check();
  frame.icc = png_profile(file, std::move(frame.icc));
  return frame;
}

namespace {

/// Begins a file: its head up to the samples.
void start(Writer& writer, std::string& file, Size size, int depth, int color_type) {
  writer.memory.check();
  png_set_write_fn(writer.png, &file, give_bytes, nullptr);
  png_set_benign_errors(writer.png, 1);  // leaves out a profile that PNG cannot hold
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(size.width), static_cast<png_uint_32>(size.height),
               depth, color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
}

/// This filter and strategy are the fastest of all on photographs, and at level 1 the files are among the smallest.
void compress_as_photograph(const Writer& writer) {
  png_set_filter(writer.png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
  png_set_compression_level(writer.png, 1);
  png_set_compression_strategy(writer.png, Z_RLE);
}

void finish(const Writer& writer, const Pixels& samples) {
  auto rows = rows_of<png_byte>(samples);
  png_write_image(writer.png, rows.data());
  png_write_end(writer.png, nullptr);
  writer.memory.check();
}

void set_palette(const Writer& writer, const std::vector<PngImage::Entry>& palette) {
  std::vector<png_color> colours;
  std::vector<png_byte> alphas;
  std::size_t translucent = 0;
  for (const auto& [red, green, blue, alpha] : palette) {
    colours.push_back({red, green, blue});
    alphas.push_back(alpha);
    if (alpha != 255) translucent = alphas.size();
  }
  png_set_PLTE(writer.png, writer.info, colours.data(), static_cast<int>(colours.size()));
  if (translucent > 0) png_set_tRNS(writer.png, writer.info, alphas.data(), static_cast<int>(translucent), nullptr);
}

void set_transparent(const Writer& writer, const std::vector<std::uint16_t>& sample) {
  if (sample.empty()) return;
  png_color_16 colour{};
  colour.gray = colour.red = sample.front();
  if (sample.size() == 3) {
    colour.green = sample[1];
    colour.blue = sample[2];
  }
  png_set_tRNS(writer.png, writer.info, nullptr, 0, &colour);
}

constexpr int color_types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                               PNG_COLOR_TYPE_RGB_ALPHA};

}  // namespace

std::string write_png(const Pixels& samples, const std::string& icc) {
  std::string file;
  file.reserve(samples.bytes.size() / 2);
  Writer writer;
  start(writer, file, samples.size(), 8, color_types[samples.channels - 1]);
  if (!icc.empty())
    png_set_iCCP(writer.png, writer.info, "icc", PNG_COMPRESSION_TYPE_BASE,
                 reinterpret_cast<png_const_bytep>(icc.data()), static_cast<png_uint_32>(icc.size()));
  compress_as_photograph(writer);
  png_write_info(writer.png, writer.info);
  finish(writer, samples);
  return file;
}

std::string write_png(const PngImage& image) {
  std::string file;
  file.reserve(image.samples.bytes.size() / 2);
  Writer writer;
  const bool indexed = !image.palette.empty();
  start(writer, file, image.samples.size(), image.depth,
        indexed ? PNG_COLOR_TYPE_PALETTE : color_types[image.channels() - 1]);
  if (indexed)
    set_palette(writer, image.palette);
  else
    set_transparent(writer, image.transparent);
  // Drawings with few colours are many times smaller when repeated patterns are found.
  if (indexed || image.depth < 8)
    png_set_filter(writer.png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  else
    compress_as_photograph(writer);
  png_write_info(writer.png, writer.info);
  png_set_packing(writer.png);
  if (image.depth == 16 && std::endian::native == std::endian::little) png_set_swap(writer.png);
  finish(writer, image.samples);
  return file;
}

}  // namespace inpaintd
