// SPDX-License-Identifier: Apache-2.0
// jpeg-answers FILE...: how long the answer to each JPEG file takes when a hole of 100 x 100 pixels in its middle is
// filled, alone and with the decoding of the request: what lies outside of the hole is copied, or the whole picture is
// encoded anew. Both are timed in turn.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "image/pipeline.h"
#include "tools/shared/files.h"

namespace inpaintd::tools {
namespace {

constexpr int rounds = 15;
constexpr int hole_side = 100;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Returns the milliseconds of processor time that `work` needs: other programs may use the machine.
template <class Work>
double timed(const Work& work) {
  const std::clock_t start = std::clock();
  work();
  return 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

/// The times of one way to answer, in milliseconds.
struct Times {
  std::vector<double> answer;
  std::vector<double> with_decoding;

  void add(double decoding, double answering) {
    answer.push_back(answering);
    with_decoding.push_back(decoding + answering);
  }
};

/// Decodes the picture of `request` and answers with coefficients that the decoder has kept. `prepared` has the rest of
/// the request.
void copy(const Request& request, const Input& prepared, const std::vector<Pixels>& predictions, Times& times) {
  Input input{{}, prepared.source, prepared.holes, prepared.tiles, prepared.options};
  const double decoding = timed([&] { input.picture = *decode_image(request.image, {}, Keep::coefficients); });
  times.add(decoding, timed([&] { (void)render(input, predictions); }));
}

/// Decodes the picture of `request` row by row, and encodes it.
void encode(const Request& request, Times& times) {
  Picture picture;
  const double decoding = timed([&] { picture = *decode_image(request.image, {}); });
  times.add(decoding, timed([&] {
              const Picture filled = picture;  // into which the prediction would be pasted
              (void)encode_image(filled, Format::jpeg);
            }));
}

std::string compared(const char* what, const std::vector<double>& copied, const std::vector<double>& encoded) {
  return fmt::format("{}: copied {:.0f} ms, encoded anew {:.0f} ms, ratio {:.2f}", what, median(copied),
                     median(encoded), median(copied) / median(encoded));
}

/// An error text, or an empty one.
std::string measure(const std::string& path) {
  const auto content = read_file(path);
  if (!content) return content.error().message;
  Request request;
  const Bytes file{reinterpret_cast<const std::uint8_t*>(content->data()), content->size()};
  request.image = EncodedFile{file};
  const auto size = picture_size(file, {});
  if (!size) return size.error().message;
  if (size->width < hole_side || size->height < hole_side) return "the picture is smaller than the hole";
  const int side = std::min(size->width, size->height);  // an orientation may exchange the sides
  request.mask = RectMask{{{(side - hole_side) / 2, (side - hole_side) / 2, hole_side, hole_side}}};
  const auto input = prepare(request, {}, {});
  if (!input) return input.error().message;
  if (input->picture.format != Format::jpeg) return "the file is not a JPEG";
  std::vector<Pixels> predictions;
  for (const Tile& tile : input->tiles) predictions.push_back(*tile.image);

  Times copied, encoded;
  for (int round = 0; round < rounds; ++round) {
    copy(request, *input, predictions, copied);
    encode(request, encoded);
  }
  std::cout << fmt::format("{}: {} x {} pixels; {}; {}", path, size->width, size->height,
                           compared("answer", copied.answer, encoded.answer),
                           compared("with decoding", copied.with_decoding, encoded.with_decoding))
            << std::endl;
  return {};
}

}  // namespace
}  // namespace inpaintd::tools

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (const std::string error = inpaintd::tools::measure(argv[i]); !error.empty()) {
      std::cerr << argv[i] << ": " << error << '\n';
      return 1;
    }
  return argc > 1 ? 0 : 2;
}
