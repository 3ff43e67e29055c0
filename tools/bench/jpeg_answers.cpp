// SPDX-License-Identifier: Apache-2.0
// jpeg-answers FILE...: how long the answer to each JPEG file takes when a hole of 100 x 100 pixels in its middle is
// filled: what lies outside of the hole is copied, or the whole picture is encoded anew. Both are timed in turn.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "core/time.h"
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

/// Returns the milliseconds that `work` needs.
template <class Work>
double timed(const Work& work) {
  const TimePoint start = Clock::now();
  work();
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
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
  std::vector<Pixels> predictions;
  for (const Tile& tile : input->tiles) predictions.push_back(*tile.image);

  std::vector<double> copied, encoded;
  for (int round = 0; round < rounds; ++round) {
    copied.push_back(timed([&] { (void)render(*input, predictions); }));
    encoded.push_back(timed([&] {
      const Picture picture = input->picture;  // into which the prediction would be pasted
      (void)encode_image(picture, Format::jpeg);
    }));
  }
  std::cout << fmt::format("{}: {} x {} pixels, copied {:.0f} ms, encoded anew {:.0f} ms, ratio {:.2f}\n", path,
                           size->width, size->height, median(copied), median(encoded),
                           median(copied) / median(encoded));
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
